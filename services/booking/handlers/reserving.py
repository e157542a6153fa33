"""Reserving: a time of a meeting type is held for whoever asks, perhaps through a private link."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.booking import queries
from services.booking.domain import booking, meeting_type, page, private_link
from services.booking.domain.refusals import (
    LinkSuspended,
    LinkEnded,
    NotAvailable,
    NotFound,
    SlotTaken,
)
from services.booking.domain.slot import Party, Slot
from services.booking.handlers.claiming import append_claiming, claiming
from services.booking.store import BOOKING, MEETING_TYPE, PAGE, PRIVATE_LINK, store
from services.chassis.events.store import Change, Loaded
from services.chassis.postgres.database import Connection, Database


@dataclass(frozen=True, slots=True)
class Reservation:
    """What somebody asks for: a time of a meeting type, perhaps through a private link.

    With `instead_of` the time that they hold so far is given up in the same moment, or kept.
    """

    booking_id: UUID
    meeting_type_id: UUID
    start: datetime
    by: Party
    link_id: UUID | None
    hold: timedelta
    instead_of: UUID | None = None


async def reserve(database: Database, asked: Reservation) -> None:
    """Hold the time; raise SlotTaken when another booking has it."""

    async def work(connection: Connection) -> None:
        await _reserve(connection, asked)

    await claiming(database, work, asked.link_id)


async def _reserve(connection: Connection, asked: Reservation) -> None:
    own = [id_ for id_ in (asked.booking_id, asked.instead_of) if id_]
    wanted = await queries.wanted(connection, asked.meeting_type_id, asked.start, own)
    if wanted is None:
        raise await _unknown(connection, asked)
    organizer_id = wanted["organizer_id"]
    loaded = await store.load(connection, PAGE.stream(organizer_id), *_streams(asked))
    held = loaded.get(BOOKING, asked.booking_id)
    if held.version:
        return  # the request is sent again
    offered = loaded.get(MEETING_TYPE, asked.meeting_type_id)
    owner = loaded.get(PAGE, organizer_id)
    settings = _bookable(offered.state, owner.state, asked)
    slot = Slot(asked.start, asked.start + timedelta(minutes=settings.duration_minutes))
    changes: list[Change[Any, Any]] = [Change(owner), Change(offered)]
    given_up = _given_up(loaded, asked, organizer_id)
    if given_up:
        changes.append(given_up)
    if asked.link_id:
        changes.append(_use_of_link(loaded, asked.link_id, asked))
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
    if wanted["taken"]:  # the many who lose a race are told without trying
        raise SlotTaken
    await append_claiming(
        connection,
        (asked.booking_id, organizer_id),
        slot,
        changes,
        at=loaded.now,
        instead_of=asked.instead_of if given_up else None,
    )


async def _unknown(connection: Connection, asked: Reservation) -> NotFound | LinkEnded:
    """Return why there is no such type: its link says more, if it is shown."""
    if asked.link_id:
        loaded = await store.load(connection, PRIVATE_LINK.stream(asked.link_id))
        link = loaded.get(PRIVATE_LINK, asked.link_id).state
        reason = private_link.end_reason(link, loaded.now)
        if reason and _opens(link, asked.meeting_type_id):
            return LinkEnded(reason)
    return NotFound("meeting type")


def _streams(asked: Reservation) -> list[str]:
    streams = [BOOKING.stream(asked.booking_id), MEETING_TYPE.stream(asked.meeting_type_id)]
    if asked.link_id:
        streams.append(PRIVATE_LINK.stream(asked.link_id))
    if asked.instead_of:
        streams.append(BOOKING.stream(asked.instead_of))
    return streams


def _given_up(loaded: Loaded, asked: Reservation, organizer_id: UUID) -> Change[Any, Any] | None:
    """Return the release of the time that is held so far, if it is, through the same link."""
    if asked.instead_of is None:
        return None
    before = loaded.get(BOOKING, asked.instead_of)
    match before.state:
        case booking.Held(organizer_id=owner, link_id=link_id) if (owner, link_id) == (
            organizer_id,
            asked.link_id,
        ):
            release = booking.ReleaseHold("released", loaded.now)
            return Change(before, booking.decide(before.state, release))
        case _:
            return None


def _use_of_link(loaded: Loaded, link_id: UUID, asked: Reservation) -> Change[Any, Any]:
    """Return the taking of a use, behind the return of the one that the held time has."""
    link = loaded.get(PRIVATE_LINK, link_id)
    if not _opens(link.state, asked.meeting_type_id):
        raise NotFound("meeting type")
    returned: list[private_link.Event] = []
    if asked.instead_of:  # nothing is returned unless that booking has a use
        returned = private_link.decide(link.state, private_link.ReturnUse(asked.instead_of))
    take = private_link.TakeUse(asked.booking_id, loaded.now)
    taken = private_link.decide(link.after(PRIVATE_LINK, returned).state, take)
    return Change(link, [*returned, *taken])


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
        raise LinkSuspended if asked.link_id else NotAvailable
    return offered.settings
