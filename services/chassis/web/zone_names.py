"""The names of time zones as people see them: one spelling, today's, for every alias."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

from babel.core import get_global

from services.chassis.web.zones import is_zone

# All of these are one time and no place; a browser that hides its zone reports one of them.
_UTC_NAMES = ("Etc/UTC", "Etc/GMT")
_HIDING = frozenset(("UTC", "Atlantic/Reykjavik"))


@cache
def todays_name(name: str) -> str:
    """Return today's name of the zone: `Asia/Kolkata` for `Asia/Calcutta`.

    A name for which tzdata lists a place is one of today. Any other is an alias: of the name that
    the Unicode CLDR gives or, for one that the CLDR does not know yet, of the one that tzdata
    links to. The links alone do not do, since they join places: `Iceland` leads to Africa/Abidjan.
    """
    if name in _UTC_NAMES:
        return "UTC"
    if name in _places():
        return name
    target = get_global("zone_aliases").get(name) or _links().get(name)
    return todays_name(target) if target and is_zone(target) else name


def shown_name(name: str) -> str:
    """Return the zone's name for people."""
    return todays_name(name).replace("_", " ")


def may_be_hidden(name: str) -> bool:
    """Tell whether browsers report this zone in order to hide the visitor's own."""
    return todays_name(name) in _HIDING


@cache
def zones_by_region() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Return the zones to choose from, by region: (IANA name, what is shown)."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(_places()):
        region, _, place = name.partition("/")
        found.setdefault(region, []).append((name, place.replace("_", " ")))
    return {region: tuple(places) for region, places in found.items()} | {
        "UTC": (("UTC", "UTC"),),
    }


@cache
def countries_by_zone() -> Mapping[str, tuple[str, ...]]:
    """Return the codes of the countries that use each zone."""
    found: dict[str, tuple[str, ...]] = {}
    for codes, _, name, *_ in _rows("zone1970.tab", "\t"):
        found[name] = (*found.get(name, ()), *codes.split(","))
    for code, _, name, *_ in _rows("zone.tab", "\t"):
        found[name] = (*found.get(name, ()), code)
    return found


@cache
def _places() -> frozenset[str]:
    return frozenset(fields[2] for fields in _rows("zone.tab", "\t") if is_zone(fields[2]))


@cache
def _links() -> Mapping[str, str]:
    return {fields[2]: fields[1] for fields in _rows("tzdata.zi", " ") if fields[0] == "L"}


def _rows(name: str, separator: str) -> Iterator[list[str]]:
    text = resources.files("tzdata.zoneinfo").joinpath(name).read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return (line.split(separator) for line in lines)
