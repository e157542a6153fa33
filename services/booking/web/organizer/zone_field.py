"""The field of a form in which somebody else's time zone is chosen."""

from services.chassis.web.zone_names import shown_name, zones_by_region

# Names and places, by region.
Regions = dict[str, tuple[tuple[str, str], ...]]


def regions_with(zone: str) -> Regions:
    """Return the zones to choose from, by region, the one that is chosen among them."""
    regions = dict(zones_by_region())
    of_its_region = regions.get(zone.partition("/")[0], ())
    if not any(name == zone for name, _ in of_its_region):
        regions["UTC"] += ((zone, shown_name(zone)),)
    return regions
