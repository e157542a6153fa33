"""Availability's one decision: whether a reserved time is to be had."""

from datetime import UTC, datetime

from contracts.availability import SlotAccepted, SlotRejected
from contracts.booking import SlotReserved
from contracts.values import Reason
from services.availability import queries
from services.availability.domain.reasons import verdict
from services.chassis.messaging import outbox
from services.chassis.postgres.database import Connection, run_all


async def judge(connection: Connection, event: SlotReserved, reserved_at: datetime) -> bool:
    """Answer the reservation by the rules at the moment when it was made; tell if it may stand."""
    found = await queries.offering(connection, event.meeting_type_id)
    if found and found.deleted and event.purpose == "new":
        found = None
    claimed = await queries.taken(connection, event.organizer_id, event.start, event.end)
    offer = queries.offer(
        found,
        claimed,
        reserved_at,
        own=queries.Booked(event.booking_id, event.meeting_type_id, event.end - event.start),
        by_organizer=event.by == "organizer",
    )
    against = verdict(offer, event.start)
    kind = SlotRejected if against else SlotAccepted
    checked_at = (found.now if found else reserved_at).astimezone(UTC)
    answer = kind(
        booking_id=event.booking_id,
        organizer_id=event.organizer_id,
        start=event.start,
        end=event.end,
        purpose=event.purpose,
        checked_at=checked_at,
        reasons=tuple(Reason(rule=each.rule, detail=each.detail) for each in against),
    )
    await run_all(connection, [outbox.message(answer, at=checked_at)])
    return not against
