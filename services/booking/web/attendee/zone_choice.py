"""The zone in which a page shows its times, and the page on which another one is chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from starlette.responses import Response

from services.booking.web.attendee.picker import Picker
from services.booking.web.frames import FRAME, FRAMED
from services.booking.web.responses import BY_ADDRESS, MINUTES, Visit, page
from services.chassis.http.instants import written
from services.chassis.web.clock import Clock, clock_in
from services.chassis.web.zone_names import may_be_hidden
from services.chassis.web.zone_search import LONGEST_SEARCH, zones_found

# In the address: another zone is being chosen, by these words.
SEARCH = "zones"


@dataclass(frozen=True, slots=True)
class OrganizersZone:
    """The organizer's zone in words, and the address of the same times in it."""

    words: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneChoice:
    """The zone that is shown, what time it is there, and where another one is chosen.

    `detects` is whether a script may offer the browser's own zone, `at` the instant whose day
    stays chosen in it. `organizers` is there where the visitor's zone is one that browsers report
    to hide theirs.
    """

    words: str
    now: str
    key: str
    locked: bool
    detects: bool
    at: str | None
    change: str
    organizers: OrganizersZone | None


@dataclass(frozen=True, slots=True)
class ZoneLine:
    """A zone to choose: its name, its place, and what its clocks show now."""

    name: str
    place: str
    offset: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ZonesPage:
    """The zones that fit what was searched for; one of them leads back to the times."""

    TEMPLATE: ClassVar[str] = "zones.html"

    title: str
    searched: str
    longest: int
    shown: str
    shown_now: str
    regions: Mapping[str, Sequence[ZoneLine]]
    action: str
    kept: Sequence[tuple[str, str]]
    back: str


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
    now = datetime.now(UTC)
    seen = shown.times[0].start if shown.times else now
    at = written(shown.middle) if shown.middle else None
    # A day is one of its zone: in another one, what was shown may be on the day before or after.
    asked = {"at": at} if at else day_asked_for(visit)
    theirs = clock_in(visit.reader, organizers)
    hidden = may_be_hidden(clock.zone.key) and theirs.zone != clock.zone and not locked
    return ZoneChoice(
        words=clock.zone_at(seen),
        now=clock.time(now),
        key=clock.zone.key,
        locked=locked,
        detects=detects,
        at=at,
        change=visit.link(path, **asked, **{SEARCH: "all"}),
        organizers=OrganizersZone(
            theirs.zone_at(seen), visit.link(path, tz=theirs.zone.key, **asked)
        )
        if hidden
        else None,
    )


def zones_page(
    visit: Visit, clock: Clock, path: str, title: str, frame_origins: Sequence[str] = ()
) -> Response:
    """Return the page on which another zone is chosen for the times at the path."""
    now, reader = datetime.now(UTC), visit.reader
    searched = visit.query.get(SEARCH, "")
    words = "" if searched == "all" else searched[:LONGEST_SEARCH]
    asked = day_asked_for(visit)
    token = visit.query.get(BY_ADDRESS)
    frame = FRAMED if visit.framed else None
    kept = {
        "lang": reader.asked,
        MINUTES: visit.minutes,
        BY_ADDRESS: token,
        FRAME: frame,
        **asked,
    }
    content = ZonesPage(
        title=title,
        searched=words,
        longest=LONGEST_SEARCH,
        shown=clock.zone_at(now),
        shown_now=clock.time(now),
        regions={
            region: [
                ZoneLine(each.name, each.place, each.offset, reader.formats.time(each.local.time()))
                for each in found
            ]
            for region, found in zones_found(words, reader.formats.locale, now).items()
        },
        action=path,
        kept=[(name, value) for name, value in kept.items() if value],
        back=visit.link(path, **asked),
    )
    return page(visit, content, frame_origins=frame_origins)


def _regions(
    visit: Visit, clock: Clock, words: str, now: datetime
) -> Mapping[str, Sequence[ZoneLine]]:
    """Return the zones that fit, by region; the region of the one that is shown comes first."""
    formats, own = visit.reader.formats, clock.zone.key.partition("/")[0]
    found = zones_found(words, formats.locale, now)
    return {
        region: [
            ZoneLine(each.name, each.place, each.offset, formats.time(each.local.time()))
            for each in found[region]
        ]
        for region in sorted(found, key=lambda region: region != own)
    }
