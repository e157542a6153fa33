"""Offers for tests: Anna's office hours in Copenhagen, and whatever a test says otherwise."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.availability.domain import slots
from services.availability.domain.hours import REGULAR_HOURS, WeeklyHours, weekly_hours
from services.availability.domain.intervals import MINUTE, Interval, instant, merge, micros
from services.availability.domain.slots import MeetingType, Offer

COPENHAGEN = "Europe/Copenhagen"
# Monday 2 March 2026, 08:00 in Copenhagen.
NOW = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Slot:
    """A time to meet."""

    start: datetime
    end: datetime


def meeting_type(**changes: Any) -> MeetingType:
    """Return Anna's half hour, with the product's defaults."""
    return replace(MeetingType(30, 30, 120, 60 * 1440, COPENHAGEN, REGULAR_HOURS), **changes)


def offer(
    *,
    busy: Iterable[Interval] = (),
    now: datetime = NOW,
    page_open: bool = True,
    by_organizer: bool = False,
    **changes: Any,
) -> Offer:
    """Return what Anna offers on that Monday morning."""
    return Offer(meeting_type(**changes), page_open, merge(busy), now, by_organizer)


def on(hours: dict[str, list[tuple[str, str]]]) -> WeeklyHours:
    """Return custom weekly hours."""
    return weekly_hours(hours)


def local(text: str, zone: str = COPENHAGEN, *, fold: int = 0) -> datetime:
    """Return the instant at which the clock in the zone shows `2026-03-02 09:00`."""
    wall = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return wall.astimezone(UTC)


def taken(start: str, end: str, zone: str = COPENHAGEN) -> Interval:
    """Return a busy time by the clock in the zone."""
    return micros(local(start, zone)), micros(local(end, zone))


def offered(the_offer: Offer, start: datetime, end: datetime) -> list[Slot]:
    """Return the slots that start in the time from start to end, as instants."""
    length = the_offer.meeting_type.duration_minutes * MINUTE if the_offer.meeting_type else 0
    return [Slot(instant(at), instant(at + length)) for at in slots.offered(the_offer, start, end)]


def days_of(the_offer: Offer, first: str, days: int = 1) -> list[Slot]:
    """Return the slots of whole local days."""
    assert the_offer.meeting_type is not None
    zone = the_offer.meeting_type.time_zone
    last = datetime.fromisoformat(first) + timedelta(days=days)
    return offered(the_offer, local(first, zone), local(last.isoformat(), zone))


def starts(of: Iterable[Slot], zone: str = COPENHAGEN) -> list[str]:
    """Return when the slots start by the clock in the zone, with its offset from UTC."""
    return [f"{slot.start.astimezone(ZoneInfo(zone)):%H:%M%z}" for slot in of]
