"""The list of zones on a page: rendered once, with the zone that is shown chosen in it."""

import re

import pytest

from services.booking.web.rendering import zone_options

REGIONS = {
    "America": (("America/New_York", "New York"), ("America/Port-au-Prince", "Port-au-Prince")),
    "Et <c>": (("Etc/GMT+1", 'GMT+1 "odd" & <more>'),),
}


@pytest.mark.parametrize("chosen", ["America/New_York", "America/Port-au-Prince", "Etc/GMT+1"])
def test_the_zone_that_is_shown_is_the_only_one_chosen(chosen: str) -> None:
    options = str(zone_options(REGIONS, chosen))

    assert [chosen] == re.findall(r'<option value="([^"]*)" selected>', options)
    assert 3 == options.count("<option ")


def test_a_zone_that_is_not_in_the_list_chooses_none() -> None:
    assert "selected" not in zone_options(REGIONS, 'America/New_York" onclick="x')


def test_names_are_escaped() -> None:
    options = str(zone_options(REGIONS, "UTC"))

    assert '<optgroup label="Et &lt;c&gt;">' in options
    assert '<option value="Etc/GMT+1">GMT+1 &#34;odd&#34; &amp; &lt;more&gt;</option>' in options


def test_another_list_is_rendered_anew() -> None:
    shorter = {"America": REGIONS["America"][:1]}

    assert 3 == zone_options(REGIONS, "UTC").count("<option ")
    assert 1 == zone_options(shorter, "UTC").count("<option ")
