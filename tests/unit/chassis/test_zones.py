"""Zones by name, whatever name somebody sends."""

import pytest

from services.chassis.web.zones import zone_named, zone_or_utc, zones_by_region


def test_only_real_zones_can_be_chosen() -> None:
    offered = {name for places in zones_by_region().values() for name, _ in places}

    assert {"Europe/Copenhagen", "America/New_York", "Asia/Kolkata", "UTC"} <= offered
    assert all(zone_named(name) for name in offered)
    assert [zone_named(name) for name in (None, "", "Mars/Olympus", "../etc/passwd")] == [None] * 4


@pytest.mark.parametrize(
    "name", ["", "/", "..", "../../etc/passwd", "Europe", "a\x00b", "x" * 5000]
)
def test_a_zone_that_is_none_is_told_as_utc(name: str) -> None:
    assert zone_or_utc(name).key == "UTC"
