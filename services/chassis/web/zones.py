"""Time zones by name, in the data of the pinned package `tzdata`."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from tzdata import IANA_VERSION as ZONE_DATA_VERSION

__all__ = ["ZONE_DATA_VERSION", "UnknownZone", "is_zone", "zone_named", "zone_of"]


class UnknownZone(ValueError):
    """The name is no time zone of the data that this process has."""


def is_zone(name: str | None) -> bool:
    """Tell whether the name is a zone's, or an alias of one."""
    return name in _known()


def zone_named(name: str | None) -> ZoneInfo | None:
    """Return the zone, or None for a name that is none."""
    return ZoneInfo(name) if name and is_zone(name) else None


def zone_of(name: str) -> ZoneInfo:
    """Return the zone; raise UnknownZone rather than write times by another one."""
    zone = zone_named(name)
    if zone is None:
        raise UnknownZone(f"There is no time zone of this name in tzdata {ZONE_DATA_VERSION}.")
    return zone


@cache
def _known() -> frozenset[str]:
    return frozenset(available_timezones() - {"localtime", "Factory"})
