"""Reserving: a time of a meeting type is held for whoever asks, perhaps through a private link."""

from datetime import datetime, timedelta

from services.booking.bookings.commands.claiming import Claiming
from services.booking.bookings.context import BookingContext, load_booking
from services.booking.bookings.records import BookingOwner
from services.booking.bookings.reservation import (
    Reservation,
    ReservationContext,
    load_reservation,
)
from services.booking.bookings.streams import BookingChange
from services.booking.bookings.verdicts import SlotVerdict
from services.booking.domain import booking, meeting_type, private_link
from services.booking.domain.offers import bookable_settings
from services.booking.domain.refusals import LinkEnded, NotFound, SlotTaken
from services.booking.domain.slot import Slot
from services.booking.private_links.streams import PRIVATE_LINK, PrivateLinkAggregate
from services.booking.store import store
from services.chassis.events.streams import AnyChange
from services.chassis.events.transactions import Transactions
from services.chassis.postgres.database import Connection


async def reserve_slot(
    transactions: Transactions, asked: Reservation, hold: timedelta
) -> BookingContext:
    """Hold the time for that long; a request that is sent again changes nothing.

    Returns the booking as it is then.

    Raises:
        SlotTaken: another booking has the time.
        SlotNotOffered: it has passed, is too soon or too far ahead.
        NotFound, NotAvailable, LinkSuspended, LinkEnded, LinkInUse: the type cannot be booked.
    """
    claiming = Claiming(transactions, asked.link_id)
    return await claiming.write(lambda c: _reserve(c, claiming, asked, hold))


async def _reserve(
    connection: Connection, claiming: Claiming, asked: Reservation, hold: timedelta
) -> BookingContext:
    context = await load_reservation(connection, asked)
    if context is None:
        raise await _no_such_type(connection, asked)
    if context.booking.version:  # sent again: whatever has become of the booking since
        return await load_booking(connection, asked.booking_id)
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
    if context.is_taken:  # after the rules, which say more; without waiting for the claim
        raise SlotTaken
    await claiming.append(
        connection,
        asked.booking_id,
        context.organizer_id,
        slot,
        changes,
        at=context.now,
        instead_of=asked.instead_of if released else None,
    )
    return _reserved(context, asked, reserved)


def _reserved(
    context: ReservationContext, asked: Reservation, reserved: BookingChange
) -> BookingContext:
    """Return the new booking as it is once it is appended; its link as it was before."""
    return BookingContext(
        owner=BookingOwner(
            booking_id=asked.booking_id,
            organizer_id=context.organizer_id,
            meeting_type_id=asked.meeting_type_id,
            link_id=asked.link_id,
        ),
        booking=reserved.after,
        page=context.page,
        meeting_type=context.meeting_type,
        link=context.link,
        verdict=SlotVerdict("pending"),
        attendee=None,
        created_at=context.now,
        now=context.now,
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


def _release_replaced(context: ReservationContext, asked: Reservation) -> AnyChange | None:
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
