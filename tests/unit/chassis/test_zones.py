"""Zones by name, whatever name somebody sends and whatever data the host has."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
import tzdata
from prometheus_client import REGISTRY

from services.chassis.runtime import telemetry  # noqa: F401 -- registers the metrics
from services.chassis.web.zone_names import (
    may_be_hidden,
    shown_name,
    todays_name,
    zones_by_region,
)
from services.chassis.web.zones import UnknownZone, is_zone, zone_named, zone_of

NONE_OF_ZONES = ["", "/", "..", "../../etc/passwd", "Europe", "a\x00b", "x" * 5000, "Mars/Olympus"]
PROCESSES = ["booking", "availability", "notifier", "policy", "operations", "calendar_entry"]
NINE_IN_DECEMBER = """
from datetime import datetime, UTC
from zoneinfo import ZoneInfo
ZoneInfo("America/Vancouver")
import services.{name}
print(datetime(2026, 12, 7, 9, tzinfo=ZoneInfo("America/Vancouver")).astimezone(UTC).isoformat())
"""


@pytest.mark.parametrize("name", PROCESSES)
def test_no_process_reads_the_hosts_zones(name: str, tmp_path: Path) -> None:
    (tmp_path / "America").mkdir()
    tokyo = resources.files("tzdata.zoneinfo.Asia").joinpath("Tokyo").read_bytes()
    (tmp_path / "America" / "Vancouver").write_bytes(tokyo)
    run = subprocess.run(
        [sys.executable, "-c", NINE_IN_DECEMBER.format(name=name)],
        env={**os.environ, "PYTHONTZPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert run.stdout.strip() == "2026-12-07T16:00:00+00:00"


def test_the_rules_are_those_of_the_pinned_release() -> None:
    nine = datetime(2026, 12, 7, 9, tzinfo=ZoneInfo("America/Vancouver"))

    assert nine.astimezone(UTC).hour == 16


def test_metrics_name_the_release_of_the_zones() -> None:
    labels = {"version": tzdata.IANA_VERSION}

    assert REGISTRY.get_sample_value("bookwith_zone_data_info", labels) == 1


@pytest.mark.parametrize("name", NONE_OF_ZONES)
def test_a_name_that_is_none_is_never_another_zone(name: str) -> None:
    assert not is_zone(name)
    assert zone_named(name) is None
    with pytest.raises(UnknownZone):
        zone_of(name)


@pytest.mark.parametrize(
    ("name", "today"),
    [
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Asia/Kolkata", "Asia/Kolkata"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("Asia/Saigon", "Asia/Ho_Chi_Minh"),
        ("Asia/Rangoon", "Asia/Yangon"),
        ("Asia/Katmandu", "Asia/Kathmandu"),
        ("America/Godthab", "America/Nuuk"),
        ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("US/Pacific", "America/Los_Angeles"),
        ("Iceland", "Atlantic/Reykjavik"),
        ("Europe/Copenhagen", "Europe/Copenhagen"),
        ("Etc/UTC", "UTC"),
        ("Etc/GMT", "UTC"),
        ("Zulu", "UTC"),
        ("Etc/GMT+5", "Etc/GMT+5"),
    ],
)
def test_an_alias_is_shown_by_todays_name(name: str, today: str) -> None:
    assert todays_name(name) == today
    assert shown_name(name) == today.replace("_", " ")


def test_every_alias_has_one_name_of_today_with_the_same_times() -> None:
    months = [datetime(2024 + n // 12, n % 12 + 1, 1, tzinfo=UTC) for n in range(48)]
    for name in available_timezones() - {"localtime", "Factory"}:
        today = todays_name(name)

        assert todays_name(today) == today
        assert [each.astimezone(ZoneInfo(name)).utcoffset() for each in months] == [
            each.astimezone(ZoneInfo(today)).utcoffset() for each in months
        ], name


def test_the_list_offers_each_place_once_by_todays_name() -> None:
    offered = [name for places in zones_by_region().values() for name, _ in places]

    assert {"Europe/Copenhagen", "America/New_York", "Asia/Kolkata", "UTC"} <= {*offered}
    assert [todays_name(name) for name in offered] == offered
    assert len({*offered}) == len(offered)


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        ("UTC", True),
        ("Etc/GMT", True),
        ("GMT", True),
        ("Atlantic/Reykjavik", True),
        ("Iceland", True),
        ("Africa/Abidjan", False),
        ("Europe/London", False),
    ],
)
def test_browsers_that_hide_their_zone_are_known_by_it(name: str, hidden: bool) -> None:
    assert may_be_hidden(name) is hidden
