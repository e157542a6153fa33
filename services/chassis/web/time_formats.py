"""How a region writes dates and times in one of our languages, after the Unicode CLDR."""

import re
from dataclasses import dataclass
from datetime import date
from datetime import time as time_of_day
from functools import lru_cache

from babel import Locale, localedata
from babel.dates import format_date, format_skeleton, format_time

from services.chassis.web.regions import has_twelve_hours, region_of

EN_DASH = "\u2013"
NO_BREAK = "\u00a0"
# In languages whose CLDR data begin with the United States: English as it is written elsewhere.
_ELSEWHERE = {("en", True): "en_001", ("en", False): "en_150"}
_DAY_PERIOD = re.compile(r"\s*a\s*")
# Fonts and mail programs that lack the narrow spaces show a box, and nobody finds them by typing.
_NARROW_SPACES = str.maketrans({"\u202f": " ", "\u2009": " "})
_YEAR_AT_THE_END = re.compile(r"[\s,.]*y+\s*$")
_MONDAY_TO_SUNDAY = range(7)


@dataclass(frozen=True, slots=True, eq=False)
class TimeFormats:
    """The formats of one language in one region; there is one object of each, kept for ever."""

    locale: Locale
    time_pattern: str

    def day(self, day: date) -> str:
        """Return the date in words."""
        return _day(self, day)

    def day_of_year(self, day: date) -> str:
        """Return the date in words without the year, where a language writes it last."""
        return _day_of_year(self, day)

    def short_day(self, day: date) -> str:
        """Return day and month."""
        return _short_day(self, day)

    def short_month(self, day: date) -> str:
        """Return the month's abbreviation."""
        return str(self.locale.months["stand-alone"]["abbreviated"][day.month])

    def month(self, first: date) -> str:
        """Return month and year in words."""
        return _month(self, first)

    def month_of_year(self, first: date) -> str:
        """Return the month in words."""
        return str(self.locale.months["stand-alone"]["wide"][first.month])

    def time(self, at: time_of_day) -> str:
        """Return the time of day."""
        return _time(self, self.time_pattern, at)

    def span(self, start: time_of_day, end: time_of_day) -> str:
        """Return two times of one day; "AM" or "PM" is written once if it holds for both."""
        same_half = start <= end and (start.hour < 12) == (end.hour < 12)
        pattern = _DAY_PERIOD.sub("", self.time_pattern) if same_half else self.time_pattern
        return f"{_time(self, pattern, start)}{EN_DASH}{self.time(end)}"

    @property
    def weekdays(self) -> tuple[str, ...]:
        """Return the names of the days of the week, from Monday."""
        names = self.locale.days["stand-alone"]["wide"]
        return tuple(names[number] for number in _MONDAY_TO_SUNDAY)


def time_formats(language: str, locale: str) -> TimeFormats:
    """Return the formats of the locale's region, for text in the language."""
    return _time_formats(language, region_of(locale), has_twelve_hours(locale))


@lru_cache(maxsize=1000)
def _time_formats(language: str, region: str, twelve_hours: bool) -> TimeFormats:
    known = f"{language}_{region}"
    if not (region and localedata.exists(known)):
        known = _ELSEWHERE.get((language, twelve_hours), language)
    locale = Locale.parse(known)
    pattern = str(locale.time_formats["short"].pattern).translate(_NARROW_SPACES)
    if twelve_hours and "a" not in pattern:
        pattern = re.sub("H+", "h", pattern) + " a"
    elif not twelve_hours and "a" in pattern:
        pattern = _DAY_PERIOD.sub("", pattern).replace("h", "HH")
    return TimeFormats(locale, pattern)


@lru_cache(maxsize=4000)
def _day(formats: TimeFormats, day: date) -> str:
    return format_date(day, "full", locale=formats.locale)


@lru_cache(maxsize=4000)
def _day_of_year(formats: TimeFormats, day: date) -> str:
    pattern = _YEAR_AT_THE_END.sub("", str(formats.locale.date_formats["full"].pattern))
    return format_date(day, pattern, locale=formats.locale)


@lru_cache(maxsize=4000)
def _short_day(formats: TimeFormats, day: date) -> str:
    return format_skeleton("MMMMd", day, locale=formats.locale)


@lru_cache(maxsize=4000)
def _month(formats: TimeFormats, first: date) -> str:
    return format_skeleton("yMMMM", first, locale=formats.locale)


@lru_cache(maxsize=4000)
def _time(formats: TimeFormats, pattern: str, at: time_of_day) -> str:
    return format_time(at, pattern, locale=formats.locale)
