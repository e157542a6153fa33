"""Reserving: a time of a meeting type is held for whoever asks, perhaps through a private link."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.booking.bookings import claims
from services.booking.bookings.commands.claiming import append_claiming, write_claiming
from services.booking.bookings.streams import BOOKING, BookingAggregate
from services.booking.domain import booking, meeting_type, private_link
from services.booking.domain.offers import bookable_settings
from services.booking.domain.refusals import LinkEnded, NotFound, SlotTaken
from services.booking.domain.slot import Party, Slot
from services.booking.meeting_types.streams import MEETING_TYPE, MeetingTypeAggregate
from services.booking.page.streams import PAGE, PageAggregate
from services.booking.private_links.streams import PRIVATE_LINK, PrivateLinkAggregate
from services.booking.store import store
from services.chassis.events.streams import AnyChange
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
    instead_of: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    """The streams that a reservation reads and writes, all of one moment."""

    organizer_id: UUID
    booking: BookingAggregate
    page: PageAggregate
    meeting_type: MeetingTypeAggregate
    link: PrivateLinkAggregate | None
    replaced: BookingAggregate | None
    now: datetime


async def reserve_slot(transactions: Transactions, asked: Reservation, hold: timedelta) -> None:
    """Hold the time for that long; a request that is sent again changes nothing.

    Raises:
        SlotTaken: another booking has the time.
        SlotNotOffered: it has passed, is too soon or too far ahead.
        NotFound, NotAvailable, LinkSuspended, LinkEnded, LinkInUse: the type cannot be booked.
    """

    async def work(connection: Connection) -> None:
        await _reserve(connection, asked, hold)

    await write_claiming(transactions, work, asked.link_id)


async def _reserve(connection: Connection, asked: Reservation, hold: timedelta) -> None:
    own = [id_ for id_ in (asked.booking_id, asked.instead_of) if id_]
    wanted = await claims.wanted_start(connection, asked.meeting_type_id, asked.start, own)
    if wanted is None:
        raise await _no_such_type(connection, asked)
    context = await _load(connection, asked, wanted.organizer_id)
    if context.booking.version:
        return  # sent again: whatever became of the booking since, its view says
    settings = bookable_settings(
        context.meeting_type.state,
        context.page.state,
        by=asked.by,
        has_link=asked.link_id is not None,
    )
    slot = Slot(asked.start, asked.start + timedelta(minutes=settings.duration_minutes))
    released = _release_replaced(context, asked)
    used = _take_use(context.link, asked, context.now) if context.link else None
    reserved = context.booking.decide(
        booking.ReserveSlot(
            organizer_id=context.organizer_id,
            meeting_type_id=asked.meeting_type_id,
            link_id=asked.link_id,
            slot=slot,
            expires_at=context.now + hold,
            by=asked.by,
            notice=meeting_type.notice(settings),
            at=context.now,
        )
    )
    changes: list[AnyChange] = [context.page.guard(), context.meeting_type.guard()]
    changes += [change for change in (released, used, reserved) if change]
    if wanted.is_taken:  # after the rules, which say more; without waiting for the claim
        raise SlotTaken
    await append_claiming(
        connection,
        asked.booking_id,
        context.organizer_id,
        slot,
        changes,
        at=context.now,
        instead_of=asked.instead_of if released else None,
    )


async def _load(connection: Connection, asked: Reservation, organizer_id: UUID) -> _Context:
    new, page_ = BOOKING.stream(asked.booking_id), PAGE.stream(organizer_id)
    type_ = MEETING_TYPE.stream(asked.meeting_type_id)
    link = PRIVATE_LINK.stream(asked.link_id) if asked.link_id else None
    replaced = BOOKING.stream(asked.instead_of) if asked.instead_of else None
    loaded = await store.load(connection, new, page_, type_, link, replaced)
    return _Context(
        organizer_id=organizer_id,
        booking=loaded.get(new),
        page=loaded.get(page_),
        meeting_type=loaded.get(type_),
        link=loaded.find(link),
        replaced=loaded.find(replaced),
        now=loaded.now,
    )


async def _no_such_type(connection: Connection, asked: Reservation) -> NotFound | LinkEnded:
    """Return the refusal for a type that does not exist: its link says more, if it is shown."""
    if asked.link_id:
        stream = PRIVATE_LINK.stream(asked.link_id)
        loaded = await store.load(connection, stream)
        link = loaded.get(stream).state
        reason = private_link.end_reason(link, loaded.now)
        if reason and private_link.opens(link, asked.meeting_type_id):
            return LinkEnded(reason)
    return NotFound("meeting type")


def _release_replaced(context: _Context, asked: Reservation) -> AnyChange | None:
    """Return the release of the booking that is replaced, if it holds a time with the same link."""
    if context.replaced is None:
        return None
    match context.replaced.state:
        case booking.Held(organizer_id=context.organizer_id, link_id=asked.link_id):
            return context.replaced.decide(booking.ReleaseHold(reason="released", at=context.now))
        case _:
            return None


def _take_use(link: PrivateLinkAggregate, asked: Reservation, at: datetime) -> AnyChange:
    """Return the change that takes a use; the replaced booking's use is returned first."""
    if not private_link.opens(link.state, asked.meeting_type_id):
        raise NotFound("meeting type")
    take = private_link.TakeUse(asked.booking_id, at)
    if asked.instead_of is None:
        return link.decide(take)
    # Nothing is returned unless that booking has a use.
    return link.decide(private_link.ReturnUse(asked.instead_of)).then(take)
