"""What the read side answers: the slots that a caller may book, and why a time is not offered."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from services.availability import queries
from services.availability.domain.offering import (
    Offering,
    OwnBooking,
    PrivateLink,
    check_access,
    offer_of,
)
from services.availability.domain.reasons import Reason, explain
from services.availability.domain.refusals import LinkNotArrived, MeetingTypeNotFound
from services.availability.domain.slots import Slot, next_free_day, offered
from services.chassis.postgres.database import Connection, Database

LONGEST_PERIOD = timedelta(days=62)
LONGEST_LOOK_AHEAD = timedelta(days=400)
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
    """Which slots are asked for: `link_id` and `booking_id` are those of the tokens shown."""

    meeting_type_id: UUID | None
    period: Period
    link_id: UUID | None
    booking_id: UUID | None


@dataclass(frozen=True, slots=True)
class OfferedSlots:
    """The slots of the period; without any, the first free day after its start."""

    slots: list[Slot]
    next_free_day: date | None
    computed_at: datetime


async def find_slots(database: Database, asked: SlotsQuestion) -> OfferedSlots:
    """Return the slots that the caller may book; raise the refusal of one who may not."""
    link = await _arrived_link(database, asked.link_id) if asked.link_id else None
    async with database.connection() as connection:
        own = await queries.own_booking(connection, asked.booking_id) if asked.booking_id else None
        offering = await _offering(connection, asked.meeting_type_id)
        check_access(offering, link, own)
        return await _slots_of(connection, offering, asked.period, own)


async def explain_start(
    database: Database, meeting_type_id: UUID | None, organizer_id: UUID, start: datetime
) -> tuple[Reason, ...]:
    """Return each rule's verdict on a start of the organizer's own type."""
    async with database.connection() as connection:
        offering = await _offering(connection, meeting_type_id)
        if offering.deleted or offering.organizer_id != organizer_id:
            raise MeetingTypeNotFound
        end = start + timedelta(minutes=offering.meeting_type.duration_minutes)
        claims = await queries.claims_in(connection, organizer_id, start, end)
    return explain(offer_of(offering, claims, offering.now), start)


async def _offering(connection: Connection, meeting_type_id: UUID | None) -> Offering:
    found = await queries.offering(connection, meeting_type_id) if meeting_type_id else None
    if found is None:
        raise MeetingTypeNotFound
    return found


async def _arrived_link(database: Database, link_id: UUID) -> PrivateLink:
    """Return the link, waiting a moment for its event.

    Its token was genuine, so booking has issued it and its event is on the way, with that of its
    meeting type before it (one key, one order): "not found" would be wrong.
    """
    for _ in range(LINK_READS):
        async with database.connection() as connection:
            link = await queries.private_link(connection, link_id)
        if link is not None:
            return link
        await asyncio.sleep(LINK_WAIT.total_seconds() / LINK_READS)
    raise LinkNotArrived


async def _slots_of(
    connection: Connection, offering: Offering, period: Period, own: OwnBooking | None
) -> OfferedSlots:
    organizer_id, now = offering.organizer_id, offering.now
    last = period.end + LONGEST_PERIOD
    claims = await queries.claims_in(connection, organizer_id, period.start, last)
    slots = offered(offer_of(offering, claims, now, own=own), period.start, period.end)
    if slots:
        return OfferedSlots(slots, slots[0].start.astimezone(period.zone).date(), now)
    start, horizon = max(period.start, now), now + LONGEST_LOOK_AHEAD
    claims = await queries.claims_in(connection, organizer_id, start, horizon)
    day = next_free_day(offer_of(offering, claims, now, own=own), start, period.zone)
    return OfferedSlots([], day, now)
