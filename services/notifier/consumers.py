"""What the notifier does about booking's events: it enqueues deliveries; a worker sends them."""

from uuid import UUID

from contracts.booking import (
    AttendeeRecorded,
    BookingCancelled,
    BookingConfirmed,
    BookingRescheduled,
    DataErased,
    DataRequested,
    PageChanged,
    PageCreated,
)
from contracts.envelope import Envelope
from contracts.topics import BOOKING_ATTENDEES, BOOKING_EVENTS
from services.chassis.messaging.subscriptions import Subscription, on
from services.chassis.postgres.database import Connection
from services.notifier import erasing, projections


async def on_page(connection: Connection, event: PageCreated | PageChanged, _: Envelope) -> None:
    """The organizer's address, language or zone is new."""
    await projections.put_organizer(connection, event)


async def on_booking_confirmed(
    connection: Connection, event: BookingConfirmed, _: Envelope
) -> None:
    """Both parties get a confirmation."""
    await projections.enqueue_deliveries(connection, event, "confirmation")


async def on_booking_rescheduled(
    connection: Connection, event: BookingRescheduled, _: Envelope
) -> None:
    """Both parties get the new time."""
    await projections.enqueue_deliveries(connection, event, "change")


async def on_booking_cancelled(
    connection: Connection, event: BookingCancelled, _: Envelope
) -> None:
    """Both parties get the cancellation."""
    await projections.enqueue_deliveries(connection, event, "cancellation")


async def on_attendee_recorded(
    connection: Connection, event: AttendeeRecorded, _: Envelope
) -> None:
    """Letters to this attendee, and about them, can be written."""
    await projections.put_attendee(connection, event)


async def on_attendee_erased(connection: Connection, attendee_id: str) -> None:
    """The person is erased: their data and the letters to them go."""
    await erasing.erase_attendee(connection, UUID(attendee_id))


async def on_data_requested(connection: Connection, event: DataRequested, _: Envelope) -> None:
    """Whoever has the attendee's address gets a link to what is held."""
    await projections.enqueue_data_letter(connection, event)


async def on_data_erased(connection: Connection, event: DataErased, _: Envelope) -> None:
    """The person is erased, which booking hears from us."""
    await erasing.erase_with_receipt(connection, event)


SUBSCRIPTIONS = (
    Subscription(
        BOOKING_EVENTS,
        [
            on(PageCreated, on_page),
            on(PageChanged, on_page),
            on(BookingConfirmed, on_booking_confirmed),
            on(BookingRescheduled, on_booking_rescheduled),
            on(BookingCancelled, on_booking_cancelled),
            on(DataRequested, on_data_requested),
            on(DataErased, on_data_erased, closes=True),
        ],
    ),
    Subscription(
        BOOKING_ATTENDEES,
        [on(AttendeeRecorded, on_attendee_recorded)],
        on_tombstone=on_attendee_erased,
    ),
)
