"""Moving a booking: the new time is held, and taken once availability has accepted it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.booking.domain import booking, meeting_type, page
from services.booking.domain.slot import Party, Slot
from services.booking.handlers.claiming import append_claiming, claiming
from services.booking.handlers.loading import load_booking, settings_of
from services.booking.people import asked_reason, moved_reason
from services.booking.store import PAGE, store
from services.chassis.events.store import Change
from services.chassis.postgres.database import Connection, Database


async def move(
    database: Database, booking_id: UUID, start: datetime, by: Party, reason: str, hold: timedelta
) -> None:
    """Hold the new time; the move is completed when availability has accepted it."""

    async def work(connection: Connection) -> None:
        place, loaded, held = await load_booking(connection, booking_id)
        settings, owner = (
            settings_of(loaded, place),
            loaded.get(PAGE, place.organizer_id),
        )
        length = booking.slot_of(held.state).end - booking.slot_of(held.state).start
        slot = Slot(start, start + length)
        command = booking.RequestReschedule(
            slot=slot,
            expires_at=loaded.now + hold,
            by=by,
            notice=meeting_type.notice(settings),
            page_open=_may_move(owner.state, by),
            at=loaded.now,
        )
        events = booking.decide(held.state, command)
        await append_claiming(
            connection,
            (booking_id, place.organizer_id),
            slot,
            [Change(held, events), Change(owner)],
            at=loaded.now,
            after=asked_reason(booking_id, reason) if events else (),
        )

    await claiming(database, work)


async def complete_move(connection: Connection, booking_id: UUID, slot: Slot) -> None:
    """Take the held new time for good: availability has accepted it."""
    place, loaded, held = await load_booking(connection, booking_id)
    owner = loaded.get(PAGE, place.organizer_id)
    move = held.state.move if isinstance(held.state, booking.Confirmed) else None
    open_ = _may_move(owner.state, move.by if move else "attendee")
    command = booking.CompleteReschedule(slot, open_, loaded.now)
    events = booking.decide(held.state, command)
    said = await moved_reason(connection, place, at=loaded.now) if events else []
    changes: list[Change[Any, Any]] = [Change(held, events), Change(owner)]
    await store.append(connection, str(place.organizer_id), changes, at=loaded.now, after=said)


def _may_move(owner: page.State, by: Party) -> bool:
    """Whether meetings may be moved: by the attendee only while the page is published."""
    return page.is_allowed(owner) if by == "organizer" else page.is_open(owner)
