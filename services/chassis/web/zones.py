"""Time zones by name: the one that somebody named, and the list to choose from."""

from collections.abc import Mapping
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

UTC_ZONE = ZoneInfo("UTC")
# Names for zones that are listed by their places already.
_ALIAS_REGIONS = frozenset(("Etc", "SystemV", "US", "Canada", "Brazil", "Chile", "Mexico"))


def zone_named(name: str | None) -> ZoneInfo | None:
    """Return the zone, or None for a name that is none."""
    return ZoneInfo(name) if name in _known() else None


def zone_or_utc(name: str) -> ZoneInfo:
    """Return the zone, or UTC for a name that is not known here: the text says which it is."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC_ZONE


@lru_cache
def zones_by_region() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Return the zones to choose from, by region: (IANA name, what is shown)."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(_known()):
        region, _, place = name.partition("/")
        if place and region not in _ALIAS_REGIONS:
            found.setdefault(region, []).append((name, place.replace("_", " ")))
    return {region: tuple(places) for region, places in found.items()} | {
        "UTC": (("UTC", "UTC"),),
    }


@lru_cache
def _known() -> frozenset[str]:
    return frozenset(available_timezones() - {"localtime", "Factory"})
