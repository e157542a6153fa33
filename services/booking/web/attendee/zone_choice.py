"""The zone in which a page shows its times, and how the visitor chooses another one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from services.booking.web.attendee.picker import Picker
from services.booking.web.responses import Visit
from services.chassis.http.instants import written
from services.chassis.web.clock import Clock, clock_in
from services.chassis.web.zone_names import (
    may_be_hidden,
    shown_name,
    zones_by_region,
)


@dataclass(frozen=True, slots=True)
class OrganizersZone:
    """The organizer's zone in words, and the address of the same times in it."""

    words: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneChoice:
    """The zone that is shown, and how another one is chosen.

    `detects` is whether a script may offer the browser's own zone, `at` the instant whose day
    stays chosen in it. `organizers` is there where the visitor's zone is one that browsers report
    to hide theirs.
    """

    words: str
    key: str
    locked: bool
    detects: bool
    at: str | None
    kept: Sequence[tuple[str, str]]
    organizers: OrganizersZone | None

    @property
    def regions(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """Return the zones to choose from, by region; the one that is shown is among them."""
        return regions_with(self.key)


def regions_with(zone: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return the zones to choose from, by region, the one that is chosen among them."""
    regions = dict(zones_by_region())
    of_its_region = regions.get(zone.partition("/")[0], ())
    if not any(name == zone for name, _ in of_its_region):
        regions["UTC"] += ((zone, shown_name(zone)),)
    return regions


def day_asked_for(visit: Visit) -> dict[str, str | None]:
    """Return what the address says about the month and day to show."""
    asked = {name: visit.query.get(name) for name in ("month", "day", "at")}
    # The day of a time that the address chooses, wherever the calendar is then looked at.
    return asked if any(asked.values()) else {**asked, "at": visit.query.get("start")}


def zone_choice(
    visit: Visit,
    clock: Clock,
    shown: Picker,
    *,
    path: str,
    organizers: str,
    locked: bool,
    detects: bool,
) -> ZoneChoice:
    """Return the zone in words, as it is on the day that is shown, and how to choose another."""
    seen = shown.times[0].start if shown.times else datetime.now(UTC)
    at = written(shown.middle) if shown.middle else None
    # A day is one of its zone: in another one, what was shown may be on the day before or after.
    asked = {"at": at} if at else day_asked_for(visit)
    theirs = clock_in(visit.reader, organizers)
    hidden = may_be_hidden(clock.zone.key) and theirs.zone != clock.zone and not locked
    kept = {"lang": visit.reader.asked, **asked}
    return ZoneChoice(
        words=clock.zone_at(seen),
        key=clock.zone.key,
        locked=locked,
        detects=detects,
        at=at,
        kept=[(name, value) for name, value in kept.items() if value],
        organizers=OrganizersZone(
            theirs.zone_at(seen), visit.link(path, tz=theirs.zone.key, **asked)
        )
        if hidden
        else None,
    )
