"""Commands on bookings that hold a time: confirm, cancel, expire."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.booking import queries
from services.booking.domain import booking, meeting_type, page, private_link
from services.booking.domain.attendee import Attendee, refuse_if_faulty
from services.booking.domain.booking_words import Canceller, Verdict
from services.booking.domain.location import join_url
from services.booking.domain.refusals import (
    NotAvailable,
)
from services.booking.handlers.loading import load_booking, settings_of
from services.booking.handlers.releasing import release
from services.booking.people import changed_reason, recorded
from services.booking.store import MEETING_TYPE, PAGE, PRIVATE_LINK, store
from services.chassis.events.store import Change
from services.chassis.ids import new_id
from services.chassis.postgres.database import Connection


@dataclass(frozen=True, slots=True)
class Answered:
    """Availability's verdict on the time that a booking holds."""

    verdict: Verdict
    reasons: tuple[str, ...]


async def answered(connection: Connection, booking_id: UUID, starts_at: datetime) -> Answered:
    """Return the verdict as far as it is known here."""
    row = await queries.verdict(connection, booking_id, starts_at)
    if row is None:
        return Answered("pending", ())
    reasons = tuple(reason["rule"] for reason in row["reasons"])
    return Answered("accepted" if row["accepted"] else "rejected", reasons)


async def confirm(connection: Connection, booking_id: UUID, attendee: Attendee) -> None:
    """Confirm the held booking for the attendee, if its link, its page and the verdict allow."""
    refuse_if_faulty(attendee)
    place, loaded, held = await load_booking(connection, booking_id)
    if isinstance(held.state, booking.Confirmed):
        return
    offered = loaded.get(MEETING_TYPE, place.meeting_type_id)
    owner = loaded.get(PAGE, place.organizer_id)
    verdict = await answered(connection, booking_id, booking.slot_of(held.state).start)
    attendee_id = new_id()
    terms = _terms(booking_id, offered.state, owner.state)
    command = booking.ConfirmBooking(
        attendee_id=attendee_id,
        terms=terms,
        verdict=verdict.verdict,
        reasons=verdict.reasons,
        page_open=page.is_open(owner.state) and isinstance(offered.state, meeting_type.MeetingType),
        at=loaded.now,
    )
    events = booking.decide(held.state, command)
    changes: list[Change[Any, Any]] = [Change(held, events), Change(owner), Change(offered)]
    if place.link_id:
        link = loaded.get(PRIVATE_LINK, place.link_id)
        consume = private_link.ConsumeUse(booking_id, loaded.now)
        changes.append(Change(link, private_link.decide(link.state, consume)))
    await store.append(
        connection,
        str(place.organizer_id),
        changes,
        at=loaded.now,
        after=recorded(
            attendee_id,
            place,
            attendee,
            time_zone=terms.organizer.time_zone,
            at=loaded.now,
        ),
    )


async def cancel(connection: Connection, booking_id: UUID, by: Canceller, reason: str) -> None:
    """Cancel the meeting."""
    place, loaded, held = await load_booking(connection, booking_id)
    notice = meeting_type.notice(settings_of(loaded, place))
    events = booking.decide(held.state, booking.CancelBooking(by, notice, loaded.now))
    said = await changed_reason(connection, place, reason, at=loaded.now) if events else []
    await store.append(
        connection, str(place.organizer_id), [Change(held, events)], at=loaded.now, after=said
    )


async def expire(connection: Connection, key: str) -> None:
    """Release the hold whose deadline has passed: what its timer fires."""
    await release(connection, UUID(key), "timeout")


def _terms(booking_id: UUID, offered: meeting_type.State, owner: page.State) -> booking.Terms:
    if not isinstance(owner, page.Page):
        raise NotAvailable
    settings = meeting_type.last_settings(offered)
    profile = owner.profile
    return booking.Terms(
        organizer=booking.Contact(profile.display_name, profile.email, profile.time_zone),
        title=settings.title,
        location=settings.location,
        join_url=join_url(settings.location, booking_id),
    )
