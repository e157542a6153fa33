"""Availability's one command: give the verdict on reserved times."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from contracts.booking import SlotReserved
from services.availability import projections, queries
from services.availability.domain.offering import OwnBooking, offer_of
from services.availability.domain.reasons import verdict
from services.availability.publish import verdict_event
from services.chassis.messaging import outbox
from services.chassis.messaging.subscriptions import Received
from services.chassis.postgres.database import Connection, enqueue_all
from services.chassis.runtime.cause import caused_by


async def give_verdicts(connection: Connection, reserved: Sequence[Received[SlotReserved]]) -> None:
    """Answer each reservation by the rules at the moment it was made.

    An accepted time is taken until its deadline. A rejected one is released as soon as booking
    hears of it; until then it must not block the times that booking offers instead.
    """
    found = await queries.find_for_verdicts(connection, [each.event for each in reserved])
    for each, known in zip(reserved, found, strict=True):
        with caused_by(each.cause):
            if await _give_verdict(connection, each.event, each.envelope.time, known):
                await projections.hold(connection, each.event)


async def _give_verdict(
    connection: Connection, event: SlotReserved, reserved_at: datetime, found: queries.Found
) -> bool:
    offering = found.offering
    if offering and offering.deleted and event.purpose == "new":
        offering = None
    offer = offer_of(
        offering,
        found.taken.claims,
        reserved_at,
        own=OwnBooking(
            id=event.booking_id,
            meeting_type_id=event.meeting_type_id,
            length=event.end - event.start,
        ),
        moving=event.purpose == "reschedule",
        by_organizer=event.by == "organizer",
        calendar=found.taken.calendar,
    )
    if event.asked_at:  # how far ahead it may be asked for was decided then
        offer = replace(offer, now=event.asked_at)
    reasons = verdict(offer, event.start)
    checked_at = (offering.now if offering else reserved_at).astimezone(UTC)
    answer = verdict_event(event, reasons, checked_at)
    await enqueue_all(connection, [outbox.message(answer, at=checked_at)])
    return not reasons
