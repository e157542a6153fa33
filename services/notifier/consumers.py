"""What the notifier does about booking's events: it notes who is owed a letter; a worker sends."""

from uuid import UUID

from contracts.booking import (
    AttendeeRecorded,
    BookingCancelled,
    BookingConfirmed,
    BookingRescheduled,
    PageChanged,
    PageCreated,
)
from contracts.envelope import Envelope
from contracts.topics import BOOKING_ATTENDEES, BOOKING_EVENTS
from services.chassis.messaging.consumer import Subscription
from services.chassis.postgres.database import Connection
from services.notifier import projections


async def on_page(connection: Connection, event: PageCreated | PageChanged, _: Envelope) -> None:
    """An organizer says how they want to be written to."""
    await projections.put_organizer(connection, event)


async def on_booking_confirmed(
    connection: Connection, event: BookingConfirmed, _: Envelope
) -> None:
    """Both parties are owed a confirmation."""
    await projections.owe(connection, event, "confirmation")


async def on_booking_rescheduled(
    connection: Connection, event: BookingRescheduled, _: Envelope
) -> None:
    """Both parties are owed the new time."""
    await projections.owe(connection, event, "change")


async def on_booking_cancelled(
    connection: Connection, event: BookingCancelled, _: Envelope
) -> None:
    """Both parties are owed the cancellation."""
    await projections.owe(connection, event, "cancellation")


async def on_attendee_recorded(
    connection: Connection, event: AttendeeRecorded, _: Envelope
) -> None:
    """Letters can be written to this attendee, and about them."""
    await projections.put_attendee(connection, event)


async def on_attendee_erased(connection: Connection, attendee_id: str) -> None:
    """The person is erased: forget them, and the letters that wait."""
    await projections.drop_attendee(connection, UUID(attendee_id))


SUBSCRIPTIONS = (
    Subscription(
        BOOKING_EVENTS,
        {
            PageCreated: on_page,
            PageChanged: on_page,
            BookingConfirmed: on_booking_confirmed,
            BookingRescheduled: on_booking_rescheduled,
            BookingCancelled: on_booking_cancelled,
        },
    ),
    Subscription(
        BOOKING_ATTENDEES, {AttendeeRecorded: on_attendee_recorded}, on_tombstone=on_attendee_erased
    ),
)
