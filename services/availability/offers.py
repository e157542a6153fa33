"""What the read side answers: the slots that a caller may book, and why a time is not offered."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from services.availability import queries
from services.availability.domain.intervals import instant
from services.availability.domain.offering import (
    Offering,
    check_access,
    check_can_be_offered,
    check_own,
    chosen_length,
    full_for,
    offer_of,
)
from services.availability.domain.reasons import Reason, explain
from services.availability.domain.refusals import LinkNotArrived, MeetingTypeNotFound
from services.availability.domain.slots import Offer, next_free_day, offered
from services.availability.queries import Found, Taken
from services.chassis.postgres.database import Database

LONGEST_PERIOD = timedelta(days=62)
LONGEST_LOOK_AHEAD = timedelta(days=400)
LONGEST_SLOT = timedelta(days=1)
# An organizer who opens the link just issued is faster than Kafka: its visitor waits this long.
LINK_WAIT = timedelta(seconds=1)
LINK_READS = 20


@dataclass(frozen=True, slots=True)
class Period:
    """The time that is asked about, and the zone whose days count."""

    start: datetime
    end: datetime
    zone: ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotsQuestion:
    """Which slots are asked for: the ids are those of the tokens shown.

    Its own organizer sees each time that is free, whatever a type's lead times, limits, link and
    page; `for_attendee` are those of them that an attendee could book.
    """

    meeting_type_id: UUID | None
    period: Period
    link_id: UUID | None
    booking_id: UUID | None
    organizer_id: UUID | None = None
    for_attendee: bool = False
    duration_minutes: int | None = None

    @property
    def is_to_be_offered(self) -> bool:
        """Whether an organizer asks what attendees could book, by a link that comes later."""
        return self.organizer_id is not None and self.for_attendee


@dataclass(frozen=True, slots=True)
class OfferedSlots:
    """The starts in the period, as integers; without any, the first free day after its start."""

    starts: list[int]
    minutes: int
    next_free_day: date | None
    computed_at: datetime
    # Since when a calendar of the organizer could not be read; whether it was too long ago.
    stale_since: datetime | None = None
    calendar_known: bool = True


async def find_slots(database: Database, asked: SlotsQuestion) -> OfferedSlots:
    """Return the slots that the caller may book; raise the refusal of one who may not."""
    period = asked.period
    found = await _found(database, asked)
    offering = _known(found.offering)
    if asked.organizer_id is None:
        check_access(offering, found.link, found.own)
    else:
        check_own(offering, asked.organizer_id)
    if asked.is_to_be_offered:
        check_can_be_offered(offering)
        length = asked.duration_minutes and timedelta(minutes=asked.duration_minutes)
    else:
        length = chosen_length(offering, asked.duration_minutes, found.link)
    by_organizer = asked.organizer_id is not None and not asked.is_to_be_offered

    def with_taken(taken: Taken) -> Offer:
        own = found.own
        moving = own is not None and own.meeting_type_id == offering.id
        made = offer_of(
            offering,
            taken.claims,
            offering.now,
            own=own,
            length=length or None,
            moving=moving,
            by_organizer=by_organizer,
            full=() if by_organizer else full_for(offering, taken.claims, own),
            calendar=taken.calendar,
        )
        return replace(made, page_open=made.page_open or asked.is_to_be_offered)

    offer = with_taken(found.taken)
    assert offer.meeting_type is not None
    minutes = offer.meeting_type.duration_minutes
    starts = offered(offer, period.start, period.end)
    known = offering.stale_since, offer.calendar_known
    if not starts:
        day = await _next_free_day(database, asked, offering, with_taken)
        return OfferedSlots([], minutes, day, offering.now, *known)
    day = instant(starts[0]).astimezone(period.zone).date()
    return OfferedSlots(starts, minutes, day, offering.now, *known)


async def explain_start(
    database: Database, meeting_type_id: UUID | None, organizer_id: UUID, start: datetime
) -> tuple[Reason, ...]:
    """Return each rule's verdict on a start of the organizer's own type."""
    async with database.connection() as connection:
        found = await queries.find(connection, meeting_type_id, start, start + LONGEST_SLOT)
    offering = _known(found.offering)
    if offering.deleted:
        raise MeetingTypeNotFound
    check_own(offering, organizer_id)
    taken = found.taken
    full = full_for(offering, taken.claims)
    offer = offer_of(offering, taken.claims, offering.now, full=full, calendar=taken.calendar)
    return explain(offer, start)


def _known(offering: Offering | None) -> Offering:
    if offering is None:
        raise MeetingTypeNotFound
    return offering


async def _found(database: Database, asked: SlotsQuestion) -> Found:
    """Return what the question is about, waiting a moment for the event of what is shown.

    Its token was genuine, so booking has issued it and its event is on the way, with that of its
    meeting type before it (one key, one order): "not found" would be wrong.
    """
    for _ in range(LINK_READS):
        async with database.connection() as connection:
            found = await queries.find(
                connection,
                asked.meeting_type_id,
                asked.period.start,
                asked.period.end + LONGEST_SLOT,
                link_id=asked.link_id,
                booking_id=asked.booking_id,
            )
        link_is_known = found.link is not None or asked.link_id is None
        if link_is_known and (found.offering is not None or asked.organizer_id is None):
            return found
        await asyncio.sleep(LINK_WAIT.total_seconds() / LINK_READS)
    raise LinkNotArrived


async def _next_free_day(
    database: Database,
    asked: SlotsQuestion,
    offering: Offering,
    offer: Callable[[Taken], Offer],
) -> date | None:
    now, period = offering.now, asked.period
    start = max(period.start, now)
    async with database.connection() as connection:
        taken = await queries.taken_in(
            connection,
            offering.organizer_id,
            start,
            now + LONGEST_LOOK_AHEAD,
            meeting_type=(offering.id, offering.meeting_type.limits),
            link_id=asked.link_id,
        )
    return next_free_day(offer(taken), start, period.zone)
