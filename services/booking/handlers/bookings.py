"""Commands on bookings: reserve, confirm, move, cancel."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.booking import queries
from services.booking.domain import booking, meeting_type, page, private_link
from services.booking.domain.attendee import Attendee, refuse_if_faulty
from services.booking.domain.booking_words import Canceller, Verdict
from services.booking.domain.location import join_url
from services.booking.domain.refusals import (
    LinkAsleep,
    NotAvailable,
    NotFound,
)
from services.booking.domain.slot import Party, Slot
from services.booking.handlers.claiming import append_claiming, claiming
from services.booking.handlers.releasing import release
from services.booking.people import changed_reason, recorded
from services.booking.queries import Place
from services.booking.store import BOOKING, MEETING_TYPE, PAGE, PRIVATE_LINK, store
from services.chassis.db import Connection, Database, Statement
from services.chassis.event_store import Aggregate, Change, Loaded
from services.chassis.ids import new_id


@dataclass(frozen=True, slots=True)
class Reservation:
    """What somebody asks for: a time of a meeting type, perhaps through a private link."""

    booking_id: UUID
    meeting_type_id: UUID
    start: datetime
    by: Party
    link_id: UUID | None
    hold: timedelta


async def reserve(database: Database, asked: Reservation) -> None:
    """Hold the time; raise SlotTaken when another booking has it."""

    async def work(connection: Connection) -> None:
        await _reserve(connection, asked)

    await claiming(database, work, asked.link_id)


async def _reserve(connection: Connection, asked: Reservation) -> None:
    organizer_id = await queries.organizer_of_type(connection, asked.meeting_type_id)
    if organizer_id is None:
        raise NotFound("meeting type")
    link_streams = [PRIVATE_LINK.stream(asked.link_id)] if asked.link_id else []
    loaded = await store.load(
        connection,
        BOOKING.stream(asked.booking_id),
        MEETING_TYPE.stream(asked.meeting_type_id),
        PAGE.stream(organizer_id),
        *link_streams,
    )
    held = loaded.get(BOOKING, asked.booking_id)
    if held.version:
        return  # the request is sent again
    offered = loaded.get(MEETING_TYPE, asked.meeting_type_id)
    owner = loaded.get(PAGE, organizer_id)
    settings = _bookable(offered.state, owner.state, asked)
    slot = Slot(asked.start, asked.start + timedelta(minutes=settings.duration_minutes))
    changes: list[Change[Any, Any]] = [Change(owner), Change(offered)]
    if asked.link_id:
        link = loaded.get(PRIVATE_LINK, asked.link_id)
        if not _opens(link.state, asked.meeting_type_id):
            raise NotFound("meeting type")
        take = private_link.TakeUse(asked.booking_id, loaded.now)
        changes.append(Change(link, private_link.decide(link.state, take)))
    command = booking.ReserveSlot(
        organizer_id=organizer_id,
        meeting_type_id=asked.meeting_type_id,
        link_id=asked.link_id,
        slot=slot,
        expires_at=loaded.now + asked.hold,
        by=asked.by,
        notice=meeting_type.notice(settings),
        at=loaded.now,
    )
    changes.append(Change(held, booking.decide(held.state, command)))
    await append_claiming(
        connection, (asked.booking_id, organizer_id), slot, changes, at=loaded.now
    )


def _opens(link: private_link.State, meeting_type_id: UUID) -> bool:
    return isinstance(link, private_link.Link) and link.meeting_type_id == meeting_type_id


def _bookable(
    offered: meeting_type.State, owner: page.State, asked: Reservation
) -> meeting_type.Settings:
    """Return the settings of a type that may be booked; what is private hides without its link."""
    if not isinstance(offered, meeting_type.MeetingType):
        raise NotFound("meeting type")
    private = offered.settings.visibility == "private"
    if private and asked.link_id is None and asked.by == "attendee":
        raise NotFound("meeting type")
    if not page.is_open(owner):
        raise LinkAsleep if asked.link_id else NotAvailable
    return offered.settings


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
    place, loaded, held = await _load(connection, booking_id)
    if isinstance(held.state, booking.Confirmed):
        return
    offered = loaded.get(MEETING_TYPE, place.meeting_type_id)
    owner = loaded.get(PAGE, place.organizer_id)
    verdict = await answered(connection, booking_id, _slot(held.state).start)
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


async def move(
    database: Database, booking_id: UUID, start: datetime, by: Party, reason: str, hold: timedelta
) -> None:
    """Hold the new time; the move is completed when availability has accepted it."""

    async def work(connection: Connection) -> None:
        place, loaded, held = await _load(connection, booking_id)
        settings, owner = _last_settings(loaded, place), loaded.get(PAGE, place.organizer_id)
        length = _slot(held.state).end - _slot(held.state).start
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
        said = await changed_reason(connection, place, reason, at=loaded.now) if reason else []
        await append_claiming(
            connection,
            (booking_id, place.organizer_id),
            slot,
            [Change(held, events), Change(owner)],
            at=loaded.now,
            after=said,
        )

    await claiming(database, work)


async def complete_move(
    connection: Connection, booking_id: UUID, slot: Slot, verdict: Verdict
) -> None:
    """Carry the verdict on a pending move out."""
    place, loaded, held = await _load(connection, booking_id)
    owner = loaded.get(PAGE, place.organizer_id)
    move = held.state.move if isinstance(held.state, booking.Confirmed) else None
    open_ = _may_move(owner.state, move.by if move else "attendee")
    command = booking.CompleteReschedule(slot, verdict, open_, loaded.now)
    events = booking.decide(held.state, command)
    await store.append(
        connection, str(place.organizer_id), [Change(held, events), Change(owner)], at=loaded.now
    )


def _may_move(owner: page.State, by: Party) -> bool:
    """Whether meetings may be moved: by the attendee only while the page is published."""
    return page.is_allowed(owner) if by == "organizer" else page.is_open(owner)


async def cancel(connection: Connection, booking_id: UUID, by: Canceller, reason: str) -> None:
    """Cancel the meeting."""
    place, loaded, held = await _load(connection, booking_id)
    notice = meeting_type.notice(_last_settings(loaded, place))
    events = booking.decide(held.state, booking.CancelBooking(by, notice, loaded.now))
    said: list[Statement] = []
    if reason and events:
        said = await changed_reason(connection, place, reason, at=loaded.now)
    await store.append(
        connection, str(place.organizer_id), [Change(held, events)], at=loaded.now, after=said
    )


async def expire(connection: Connection, key: str) -> None:
    """Release the hold whose deadline has passed: what its timer fires."""
    await release(connection, UUID(key), "timeout")


async def _place(connection: Connection, booking_id: UUID) -> Place:
    place = await queries.place_of(connection, booking_id)
    if place is None:
        raise NotFound("booking")
    return place


async def _load(
    connection: Connection, booking_id: UUID
) -> tuple[Place, Loaded, Aggregate[booking.State, booking.Event]]:
    """Return the booking with the streams that rules about it read."""
    place = await _place(connection, booking_id)
    link_streams = [PRIVATE_LINK.stream(place.link_id)] if place.link_id else []
    loaded = await store.load(
        connection,
        BOOKING.stream(booking_id),
        MEETING_TYPE.stream(place.meeting_type_id),
        PAGE.stream(place.organizer_id),
        *link_streams,
    )
    return place, loaded, loaded.get(BOOKING, booking_id)


def _terms(booking_id: UUID, offered: meeting_type.State, owner: page.State) -> booking.Terms:
    if not isinstance(owner, page.Page):
        raise NotAvailable
    match offered:
        case meeting_type.MeetingType(settings=settings):
            pass
        case meeting_type.Deleted(last):
            settings = last.settings
        case _:
            raise NotFound("meeting type")
    profile = owner.profile
    return booking.Terms(
        organizer=booking.Contact(profile.display_name, profile.email, profile.time_zone),
        title=settings.title,
        location=settings.location,
        join_url=join_url(settings.location, booking_id),
    )


def _last_settings(loaded: Loaded, place: Place) -> meeting_type.Settings:
    """Return the rules that a booking is changed by: the type's last ones, if it is deleted."""
    match loaded.get(MEETING_TYPE, place.meeting_type_id).state:
        case meeting_type.MeetingType(settings=settings):
            return settings
        case meeting_type.Deleted(last):
            return last.settings
        case _:
            raise NotFound("meeting type")


def _slot(state: booking.State) -> Slot:
    match state:
        case booking.Vacant():
            raise NotFound("booking")
        case _:
            return state.slot
