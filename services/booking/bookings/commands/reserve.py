"""Reserving: a time of a meeting type is held for whoever asks, perhaps through a private link."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.booking.bookings.commands.claiming import claiming_append
from services.booking.bookings.context import BookingContext
from services.booking.bookings.limits import Counted, times_within
from services.booking.bookings.records import BookingOwner
from services.booking.bookings.reservation import (
    Reservation,
    ReservationContext,
)
from services.booking.bookings.streams import BookingChange
from services.booking.bookings.verdicts import SlotVerdict
from services.booking.domain import booking, meeting_type, page, private_link
from services.booking.domain.attendee import refuse_if_unanswered
from services.booking.domain.offering import bookable_settings, with_link
from services.booking.domain.private_link.details import NOTHING_NOTED
from services.booking.domain.refusals import LinkSuspended, NotAvailable, NotFound, SlotTaken
from services.booking.domain.slot import Notice, Slot
from services.booking.private_links.streams import PrivateLinkAggregate
from services.chassis.events.store import Append
from services.chassis.events.streams import AnyChange
from services.chassis.postgres.database import Statement


class SentAgain(Exception):
    """The booking is there already: the request was sent before, and is answered by its view."""


def reserve(
    context: ReservationContext, asked: Reservation, hold: timedelta
) -> tuple[BookingContext, Append]:
    """Hold the time for that long.

    Raises:
        SlotTaken: another booking has the time.
        SlotNotOffered: it has passed, is too soon or too far ahead.
        NotFound, NotAvailable, LinkSuspended, LinkEnded, LinkInUse, MembersOnly: the type cannot be
            booked.
        Invalid: the type has no such duration; the attendee leaves open what it asks.
        SentAgain: the booking is there, whatever has become of it since.
    """
    if context.booking.version:
        raise SentAgain
    settings = _bookable(context, asked)
    minutes = meeting_type.chosen_duration(settings, asked.duration_minutes)
    slot = Slot(asked.start, asked.start + timedelta(minutes=minutes))
    if asked.attendee:  # nothing is held for who could not confirm it
        refuse_if_unanswered(asked.attendee, settings)
    released = _release_replaced(context, asked)
    used = _take_use(context.link, asked, context.now) if context.link else None
    command = _command(context, asked, slot, meeting_type.notice(settings), hold)
    reserved = context.booking.decide(command)
    changes: list[AnyChange] = [context.page.guard(), context.meeting_type.guard()]
    changes += [change for change in (released, used, reserved) if change]
    if context.is_taken:  # after the rules, which say more; without waiting for the claim
        raise SlotTaken
    append = claiming_append(
        asked.booking_id,
        context.organizer_id,
        slot,
        changes,
        at=context.now,
        after=_within_limits(context, asked, slot, settings),
        instead_of=asked.instead_of if released else None,
        offer_id=private_link.offer_of(context.link.state) if context.link else None,
    )
    return _reserved(context, asked, reserved), append


def _bookable(context: ReservationContext, asked: Reservation) -> meeting_type.Settings:
    settings = bookable_settings(
        context.meeting_type.state,
        context.page.state,
        by=asked.party(context.organizer_id),
        has_link=asked.link_id is not None,
        is_member=asked.is_member,
    )
    if context.policy_in_doubt:
        raise LinkSuspended if asked.link_id else NotAvailable
    return with_link(settings, context.link.state if context.link else None)


def _within_limits(
    context: ReservationContext, asked: Reservation, slot: Slot, settings: meeting_type.Settings
) -> Sequence[Statement]:
    """Return what holds the limits; they bind attendees, not the organizer."""
    if asked.party(context.organizer_id) == "organizer":
        return ()
    counted = Counted(
        booking_id=asked.booking_id,
        organizer_id=context.organizer_id,
        meeting_type_id=asked.meeting_type_id,
    )
    zone = page.time_zone(context.page.state)
    return list(times_within(counted, slot, settings, zone))


def _command(
    context: ReservationContext, asked: Reservation, slot: Slot, notice: Notice, hold: timedelta
) -> booking.ReserveSlot:
    return booking.ReserveSlot(
        organizer_id=context.organizer_id,
        meeting_type_id=asked.meeting_type_id,
        link_id=asked.link_id,
        slot=slot,
        expires_at=context.now + hold,
        by=asked.party(context.organizer_id),
        notice=notice,
        at=context.now,
        revision=meeting_type.revision_of(context.meeting_type.state),
    )


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
        link_details=NOTHING_NOTED,
        verdict=SlotVerdict("pending"),
        attendee=None,
        created_at=context.now,
        now=context.now,
    )


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
