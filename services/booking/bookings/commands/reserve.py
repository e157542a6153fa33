"""Reserving: a time of a meeting type is held for whoever asks, perhaps through a private link."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.booking.bookings import claims
from services.booking.bookings.commands.claiming import append_claiming, write_claiming
from services.booking.bookings.streams import BOOKING, BookingAggregate
from services.booking.domain import booking, meeting_type, page, private_link
from services.booking.domain.refusals import (
    LinkEnded,
    LinkSuspended,
    NotAvailable,
    NotFound,
    SlotTaken,
)
from services.booking.domain.slot import Party, Slot
from services.booking.meeting_types.streams import MEETING_TYPE, MeetingTypeAggregate
from services.booking.page.streams import PAGE, PageAggregate
from services.booking.private_links.streams import PRIVATE_LINK, PrivateLinkAggregate
from services.booking.store import store
from services.chassis.events.streams import AnyChange, Change
from services.chassis.events.transactions import Transactions
from services.chassis.postgres.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    """The streams that a reservation reads and writes, all of one moment."""

    booking: BookingAggregate
    page: PageAggregate
    meeting_type: MeetingTypeAggregate
    link: PrivateLinkAggregate | None
    replaced: BookingAggregate | None
    now: datetime


async def reserve_slot(transactions: Transactions, asked: Reservation) -> None:
    """Hold the time; raise SlotTaken when another booking has it, SlotNotOffered and others."""

    async def work(connection: Connection) -> None:
        await _reserve(connection, asked)

    await write_claiming(transactions, work, asked.link_id)


async def _reserve(connection: Connection, asked: Reservation) -> None:
    own = [id_ for id_ in (asked.booking_id, asked.instead_of) if id_]
    wanted = await claims.wanted_start(connection, asked.meeting_type_id, asked.start, own)
    if wanted is None:
        raise await _why_no_such_type(connection, asked)
    context = await _load(connection, asked, wanted.organizer_id)
    if context.booking.version:
        return  # the request is sent again
    settings = _must_be_bookable(context, asked)
    slot = Slot(asked.start, asked.start + timedelta(minutes=settings.duration_minutes))
    given_up = _given_up(context, asked)
    changes: list[AnyChange] = [context.page.guard(), context.meeting_type.guard()]
    if given_up:
        changes.append(given_up)
    if context.link:
        changes.append(_take_use(context.link, context.now, asked))
    command = booking.ReserveSlot(
        organizer_id=wanted.organizer_id,
        meeting_type_id=asked.meeting_type_id,
        link_id=asked.link_id,
        slot=slot,
        expires_at=context.now + asked.hold,
        by=asked.by,
        notice=meeting_type.notice(settings),
        at=context.now,
    )
    changes.append(context.booking.decide(command))
    if wanted.is_taken:  # the many who lose a race are told without trying
        raise SlotTaken
    await append_claiming(
        connection,
        asked.booking_id,
        wanted.organizer_id,
        slot,
        changes,
        at=context.now,
        instead_of=asked.instead_of if given_up else None,
    )


async def _load(connection: Connection, asked: Reservation, organizer_id: UUID) -> _Context:
    new, page_ = BOOKING.stream(asked.booking_id), PAGE.stream(organizer_id)
    type_ = MEETING_TYPE.stream(asked.meeting_type_id)
    link = PRIVATE_LINK.stream(asked.link_id) if asked.link_id else None
    replaced = BOOKING.stream(asked.instead_of) if asked.instead_of else None
    more = [stream for stream in (link, replaced) if stream]
    loaded = await store.load(connection, new, page_, type_, *more)
    return _Context(
        booking=loaded.get(new),
        page=loaded.get(page_),
        meeting_type=loaded.get(type_),
        link=loaded.get(link) if link else None,
        replaced=loaded.get(replaced) if replaced else None,
        now=loaded.now,
    )


async def _why_no_such_type(connection: Connection, asked: Reservation) -> NotFound | LinkEnded:
    """Return why there is no such type: its link says more, if it is shown."""
    if asked.link_id:
        stream = PRIVATE_LINK.stream(asked.link_id)
        loaded = await store.load(connection, stream)
        link = loaded.get(stream).state
        reason = private_link.end_reason(link, loaded.now)
        if reason and private_link.opens(link, asked.meeting_type_id):
            return LinkEnded(reason)
    return NotFound("meeting type")


def _must_be_bookable(context: _Context, asked: Reservation) -> meeting_type.Settings:
    """Return the settings of a type that may be booked; what is private hides without its link."""
    offered = context.meeting_type.state
    if not isinstance(offered, meeting_type.MeetingType):
        raise NotFound("meeting type")
    private = offered.settings.visibility == "private"
    if private and asked.link_id is None and asked.by == "attendee":
        raise NotFound("meeting type")
    if not page.is_open(context.page.state):
        raise LinkSuspended if asked.link_id else NotAvailable
    return offered.settings


def _given_up(
    context: _Context, asked: Reservation
) -> Change[booking.State, booking.Command, booking.Event] | None:
    """Return the release of the time that is held so far, if it is, through the same link."""
    if context.replaced is None:
        return None
    match context.replaced.state:
        case booking.Held(organizer_id=owner, link_id=link_id) if (str(owner), link_id) == (
            context.page.id,
            asked.link_id,
        ):
            return context.replaced.decide(booking.ReleaseHold(reason="released", at=context.now))
        case _:
            return None


def _take_use(link: PrivateLinkAggregate, at: datetime, asked: Reservation) -> AnyChange:
    """Return the taking of a use, behind the return of the one that the held time has."""
    if not private_link.opens(link.state, asked.meeting_type_id):
        raise NotFound("meeting type")
    take = private_link.TakeUse(asked.booking_id, at)
    if asked.instead_of is None:
        return link.decide(take)
    # Nothing is returned unless that booking has a use.
    return link.decide(private_link.ReturnUse(asked.instead_of)).then(take)
