"""Readers: their language by address or browser, and how they write times and weeks."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from babel.localedata import locale_identifiers

from services.chassis.web.catalogues import SHARED_WORDS, catalogue
from services.chassis.web.clock import Clock
from services.chassis.web.readers import reader_by_locale, reader_by_request
from services.chassis.web.regions import (
    FRIDAY,
    MONDAY,
    SATURDAY,
    SUNDAY,
    has_twelve_hours,
    week_start,
)

LANGUAGES = catalogue(SHARED_WORDS)
# Thursday afternoon in Copenhagen, morning in New York.
THURSDAY = datetime(2026, 11, 26, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "accepted", "locale"),
    [
        (None, "", "en"),
        (None, "da", "da"),
        (None, "da-DK,da;q=0.9,en;q=0.8", "da-DK"),
        (None, "fr-FR,fr;q=0.9,en-US;q=0.3,da;q=0.2", "en-FR"),
        (None, "fr,en-US;q=0.3", "en-US"),
        (None, "es-MX", "en-MX"),
        (None, "ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", "en-KR"),
        (None, "da,en-US;q=0.9", "da"),
        (None, "zh-Hant-TW", "en-TW"),
        (None, "en-u-rg-uszzzz", "en"),
        (None, "en-GB;q=0,en,en-US;q=0.1", "en-US"),
        (None, "en;q=0.2,da;q=0.7", "da"),
        (None, "da;q=0,en", "en"),
        (None, "fr,de", "en"),
        (None, "en,en-US;q=0.9", "en-US"),
        ("da", "en-US", "da"),
        ("en", "en-AU,en;q=0.9", "en-AU"),
        ("EN", "da", "en"),
        ("DA-dk", "en-US", "da-DK"),
        ("xx", "da", "da"),
        ("../../etc", "da", "da"),
        (None, "\x00;q=x, ,;;q=1,*", "en"),
    ],
)
def test_the_address_decides_the_language_then_the_browser(
    asked: str | None, accepted: str, locale: str
) -> None:
    assert reader_by_request(LANGUAGES, asked, accepted).locale == locale


@pytest.mark.parametrize(
    ("locale", "time", "week_start"),
    [
        ("en", "15:05", MONDAY),
        ("en-GB", "15:05", MONDAY),
        ("en-US", "3:05 PM", SUNDAY),
        ("en_US", "3:05 PM", SUNDAY),
        ("en-Latn-US", "3:05 PM", SUNDAY),
        ("en-AU", "3:05 pm", MONDAY),
        ("en-PK", "3:05 pm", SUNDAY),
        ("en-EG", "3:05 pm", SATURDAY),
        ("en-IR", "15:05", SATURDAY),
        ("en-MV", "15:05", FRIDAY),
        ("es-MX", "3:05 pm", SUNDAY),
        ("ko-KR", "3:05 pm", SUNDAY),
        ("en-CA", "3:05 p.m.", SUNDAY),
        ("fr-CA", "15:05", SUNDAY),
        ("en-DK", "15.05", MONDAY),
        ("en-001", "3:05 pm", MONDAY),
        ("da-DK", "15.05", MONDAY),
        ("da-us", "3.05 PM", SUNDAY),
    ],
)
def test_the_region_decides_clock_and_week(locale: str, time: str, week_start: int) -> None:
    reader = reader_by_locale(LANGUAGES, locale)

    assert Clock(reader, ZoneInfo("Europe/Copenhagen")).time(THURSDAY) == time
    assert reader.week_start == week_start


def test_the_clock_is_that_of_the_cldr_wherever_it_knows_the_region() -> None:
    known = [
        found
        for name in locale_identifiers()
        for found in [Locale.parse(name)]
        if found.language in LANGUAGES and found.territory and not found.script
    ]
    twelve = [str(each) for each in known if "h" in each.time_formats["short"].pattern]

    assert len(known) > 100
    assert twelve == [str(each) for each in known if has_twelve_hours(str(each))]
    assert [each.first_week_day for each in known] == [week_start(str(each)) for each in known]


@pytest.mark.parametrize(
    ("locale", "code"),
    [
        ("da", "da"),
        ("DA_dk", "da"),
        ("en-US", "en"),
        ("fr", "en"),
        ("", "en"),
        ("../en", "en"),
        ("d" * 9000, "en"),
    ],
)
def test_a_locale_finds_its_language_or_english(locale: str, code: str) -> None:
    assert code == reader_by_locale(LANGUAGES, locale).language.code
