"""Availability's one command: give the verdict on a reserved time."""

from datetime import UTC, datetime

from contracts.booking import SlotReserved
from services.availability import queries
from services.availability.domain.offering import OwnBooking, offer_of
from services.availability.domain.reasons import verdict
from services.availability.publish import verdict_event
from services.chassis.messaging import outbox
from services.chassis.postgres.database import Connection, run_all


async def give_verdict(connection: Connection, event: SlotReserved, reserved_at: datetime) -> bool:
    """Answer the reservation by the rules at the moment it was made; tell if it is accepted."""
    found = await queries.find(
        connection,
        event.meeting_type_id,
        event.start,
        event.end,
        organizer_id=event.organizer_id,
    )
    offering = found.offering
    if offering and offering.deleted and event.purpose == "new":
        offering = None
    offer = offer_of(
        offering,
        found.claims,
        reserved_at,
        own=OwnBooking(
            id=event.booking_id,
            meeting_type_id=event.meeting_type_id,
            length=event.end - event.start,
        ),
        by_organizer=event.by == "organizer",
    )
    reasons = verdict(offer, event.start)
    checked_at = (offering.now if offering else reserved_at).astimezone(UTC)
    answer = verdict_event(event, reasons, checked_at)
    await run_all(connection, [outbox.message(answer, at=checked_at)])
    return not reasons
