"""What availability does about booking's events: project them, and answer each reservation."""

from collections.abc import Sequence

from contracts.availability import SlotRejected
from contracts.booking import (
    BookingCancelled,
    BookingConfirmed,
    BookingDeclined,
    BookingRequested,
    BookingRescheduled,
    HoldExtended,
    LinkExpired,
    MeetingTypeChanged,
    MeetingTypeCreated,
    MeetingTypeDeleted,
    OfferMade,
    PageAllowed,
    PageDenied,
    PagePublished,
    PageRegularHoursChanged,
    PageUnpublished,
    PrivateLinkChanged,
    PrivateLinkIssued,
    RequestRescheduled,
    RescheduleApprovalRequested,
    RescheduleDeclined,
    SlotReleased,
    SlotReserved,
    VerificationRequested,
)
from contracts.envelope import Envelope
from contracts.topics import AVAILABILITY_EVENTS, BOOKING_EVENTS
from services.availability import projections
from services.availability.commands import give_verdicts
from services.chassis.messaging.replaying import Replayed
from services.chassis.messaging.subscriptions import Subscription, on, on_all
from services.chassis.postgres.database import Connection


async def on_page_published(connection: Connection, event: PagePublished, _: Envelope) -> None:
    """The organizer turned the page on."""
    await projections.set_published(connection, event.organizer_id, published=True)


async def on_page_unpublished(connection: Connection, event: PageUnpublished, _: Envelope) -> None:
    """The organizer turned the page off."""
    await projections.set_published(connection, event.organizer_id, published=False)


async def on_page_allowed(connection: Connection, event: PageAllowed, _: Envelope) -> None:
    """The policy lets the page be open."""
    await projections.set_allowed(connection, event.organizer_id, allowed=True)


async def on_page_denied(connection: Connection, event: PageDenied, _: Envelope) -> None:
    """The policy closes the page."""
    await projections.set_allowed(connection, event.organizer_id, allowed=False)


async def on_regular_hours(
    connection: Connection, event: PageRegularHoursChanged, _: Envelope
) -> None:
    """The meeting types without hours of their own are offered at other hours."""
    await projections.set_regular_hours(connection, event)


async def on_meeting_type(
    connection: Connection, event: MeetingTypeCreated | MeetingTypeChanged, _: Envelope
) -> None:
    """A meeting type is offered from now on, or by other rules."""
    await projections.put_meeting_type(connection, event)


async def on_meeting_type_deleted(
    connection: Connection, event: MeetingTypeDeleted, _: Envelope
) -> None:
    """A meeting type is no longer offered."""
    await projections.end_meeting_type(connection, event)


async def on_link(
    connection: Connection, event: PrivateLinkIssued | PrivateLinkChanged, _: Envelope
) -> None:
    """A private link opens its type, until its deadline."""
    await projections.put_link(connection, event)


async def on_link_expired(connection: Connection, event: LinkExpired, _: Envelope) -> None:
    """A private link opens nothing any more."""
    await projections.end_link(connection, event)


async def on_offer_made(connection: Connection, event: OfferMade, _: Envelope) -> None:
    """Times are offered to somebody, and perhaps held for them."""
    await projections.hold_offered(connection, event)


async def on_hold_extended(connection: Connection, event: HoldExtended, _: Envelope) -> None:
    """A held time is held longer."""
    await projections.extend(connection, event)


async def on_slot_released(connection: Connection, event: SlotReleased, _: Envelope) -> None:
    """A held time is free again."""
    await projections.release(connection, event)


async def on_booking_confirmed(
    connection: Connection, event: BookingConfirmed, _: Envelope
) -> None:
    """A held time is taken for good."""
    await projections.keep(connection, event)


async def on_booking_rescheduled(
    connection: Connection, event: BookingRescheduled, _: Envelope
) -> None:
    """A booking takes another time."""
    await projections.move(connection, event)


async def on_booking_cancelled(
    connection: Connection, event: BookingCancelled, _: Envelope
) -> None:
    """A booking takes no time any more."""
    await projections.cancel(connection, event)


async def on_booking_requested(
    connection: Connection, event: BookingRequested, _: Envelope
) -> None:
    """A held time waits for the organizer's answer."""
    await projections.keep_until(connection, event, event.start, event.end, event.expires_at)


async def on_request_rescheduled(
    connection: Connection, event: RequestRescheduled, _: Envelope
) -> None:
    """A request takes another time."""
    await projections.drop(connection, event.booking_id, event.from_.start)
    await projections.keep_until(connection, event, event.start, event.end, event.expires_at)


async def on_reschedule_approval_requested(
    connection: Connection, event: RescheduleApprovalRequested, _: Envelope
) -> None:
    """The new time of a booking waits for the organizer's answer."""
    wanted = event.wanted
    await projections.keep_until(connection, event, wanted.start, wanted.end, event.expires_at)


async def on_reschedule_declined(
    connection: Connection, event: RescheduleDeclined, _: Envelope
) -> None:
    """The new time of a booking is free again."""
    await projections.drop(connection, event.booking_id, event.wanted.start)


async def on_booking_ended(
    connection: Connection, event: BookingDeclined | VerificationRequested, _: Envelope
) -> None:
    """A booking takes no time any more, or not until its address is proven."""
    await projections.cancel(connection, event)


SUBSCRIPTIONS = (
    Subscription(
        BOOKING_EVENTS,
        [
            on(PagePublished, on_page_published),
            on(PageUnpublished, on_page_unpublished),
            on(PageAllowed, on_page_allowed),
            on(PageDenied, on_page_denied),
            on(PageRegularHoursChanged, on_regular_hours),
            on(MeetingTypeCreated, on_meeting_type),
            on(MeetingTypeChanged, on_meeting_type),
            on(MeetingTypeDeleted, on_meeting_type_deleted),
            on(PrivateLinkIssued, on_link),
            on(PrivateLinkChanged, on_link),
            on(LinkExpired, on_link_expired),
            on(OfferMade, on_offer_made),
            on_all(SlotReserved, give_verdicts),
            on(HoldExtended, on_hold_extended),
            on(SlotReleased, on_slot_released),
            on(BookingConfirmed, on_booking_confirmed),
            on(BookingRescheduled, on_booking_rescheduled),
            on(BookingCancelled, on_booking_cancelled),
            on(BookingRequested, on_booking_requested),
            on(RequestRescheduled, on_request_rescheduled),
            on(BookingDeclined, on_booking_ended),
            on(RescheduleApprovalRequested, on_reschedule_approval_requested),
            on(RescheduleDeclined, on_reschedule_declined),
            on(VerificationRequested, on_booking_ended),
        ],
    ),
)


def replayed() -> Sequence[Replayed]:
    """Return what is read again: its verdicts are not given a second time, but taken as they were.

    Decided again they might come out differently, as the rules are by now.
    """
    rejected: set[str | None] = set()

    async def on_rejected(_: Connection, __: SlotRejected, envelope: Envelope) -> None:
        rejected.add(envelope.causation_id)

    async def on_reserved(connection: Connection, event: SlotReserved, envelope: Envelope) -> None:
        if envelope.id not in rejected:
            await projections.hold(connection, event)

    (subscription,) = SUBSCRIPTIONS
    handlers = [
        on(SlotReserved, on_reserved) if each.event is SlotReserved else each
        for each in subscription.handlers
    ]
    return [
        Replayed(Subscription(AVAILABILITY_EVENTS, [on(SlotRejected, on_rejected)]), own=True),
        Replayed(Subscription(BOOKING_EVENTS, handlers)),
    ]
