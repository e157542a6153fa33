"""Zones found by what people call them: place, country, an older name, the distance from UTC."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache

from babel import Locale
from babel.core import get_global

from services.chassis.web.zone_names import countries_by_zone, todays_name, zones_by_region
from services.chassis.web.zones import zone_of

LONGEST_SEARCH = 60


@dataclass(frozen=True, slots=True)
class FoundZone:
    """A zone with its distance from UTC at one moment, and its local time then."""

    name: str
    place: str
    offset: str
    local: datetime


def zones_found(words: str, locale: Locale, now: datetime) -> Mapping[str, Sequence[FoundZone]]:
    """Return the zones by region that fit all of the words; without words every zone."""
    wanted = _plain(words[:LONGEST_SEARCH]).split()
    found: dict[str, list[FoundZone]] = {}
    for region, places in zones_by_region().items():
        for name, place in places:
            local = now.astimezone(zone_of(name))
            offset = utc_offset(local)
            if wanted:
                text = f"{_described(name, str(locale))} {offset.lower()} {_short(offset)}"
                if not all(word in text for word in wanted):
                    continue
            found.setdefault(region, []).append(FoundZone(name, place, offset, local))
    return found


def utc_offset(local: datetime) -> str:
    """Return the distance from UTC of a local time."""
    distance = local.utcoffset() or timedelta()
    minutes = round(distance.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}"


def _short(offset: str) -> str:
    """Return `+1` for `UTC+01:00`, as people type it."""
    hours, _, minutes = offset[4:].partition(":")
    return f"{offset[3]}{int(hours)}{f':{minutes}' if minutes != '00' else ''}"


@lru_cache(maxsize=8000)
def _described(name: str, locale: str) -> str:
    """Return by what the zone may be searched for."""
    known = Locale.parse(locale)
    codes = countries_by_zone().get(name, ())
    countries = [
        *(known.territories.get(code, "") for code in codes),
        *(Locale.parse("en").territories.get(code, "") for code in codes),
    ]
    return _plain(" ".join((name, *_older_names().get(name, ()), *countries)).replace("_", " "))


@cache
def _older_names() -> Mapping[str, tuple[str, ...]]:
    names: dict[str, tuple[str, ...]] = {}
    for alias in get_global("zone_aliases"):
        today = todays_name(alias)
        names[today] = (*names.get(today, ()), alias)
    return names


def _plain(text: str) -> str:
    """Return the text in small letters without accents."""
    apart = unicodedata.normalize("NFD", text.casefold())
    return "".join(each for each in apart if not unicodedata.combining(each))
