"""The time zones to choose from, with one that must be among them."""

from collections.abc import Mapping, Sequence

from services.chassis.web.zone_names import shown_name, zones_by_region

Regions = Mapping[str, Sequence[tuple[str, str]]]


def regions_with(zone: str) -> Regions:
    """Return the zones by region: IANA name, and what is shown; the given one is among them."""
    regions = {region: tuple(places) for region, places in zones_by_region().items()}
    if all(zone != name for places in regions.values() for name, _ in places):
        regions["UTC"] = (*regions.get("UTC", ()), (zone, shown_name(zone)))
    return regions
