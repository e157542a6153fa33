"""What the notifier does about booking's events: it enqueues deliveries; a worker sends them."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from contracts.booking import (
    AttendeeRecorded,
    DataErased,
    DataRequested,
    PageChanged,
    PageCreated,
    PageEmailRequested,
    RecipientRecorded,
)
from contracts.envelope import Envelope
from contracts.topics import BOOKING_ATTENDEES, BOOKING_EVENTS
from services.chassis.messaging.subscriptions import Subscription, on
from services.chassis.postgres.database import Connection
from services.notifier import erasing, projections
from services.notifier.domain.delivery import Kind
from services.notifier.letters import CONTRACTS, BookingEvent


async def on_page(connection: Connection, event: PageCreated | PageChanged, _: Envelope) -> None:
    """The organizer's address, language or zone is new."""
    await projections.put_organizer(connection, event)


def _enqueuing(kind: Kind) -> Callable[[Connection, BookingEvent, Envelope], Awaitable[None]]:
    async def enqueue(connection: Connection, event: BookingEvent, _: Envelope) -> None:
        await projections.enqueue_deliveries(connection, event, kind)

    return enqueue


# The letters about bookings: who hears of what is in letters.py.
_LETTERS = tuple(on(event, _enqueuing(kind)) for kind, event in CONTRACTS.items())


async def on_attendee_recorded(
    connection: Connection, event: AttendeeRecorded, _: Envelope
) -> None:
    """Letters to this attendee, and about them, can be written."""
    await projections.put_attendee(connection, event)


async def on_recipient_recorded(
    connection: Connection, event: RecipientRecorded, _: Envelope
) -> None:
    """Letters to somebody who has no booking can be written."""
    await projections.put_recipient(connection, event)


async def on_attendee_erased(connection: Connection, attendee_id: str) -> None:
    """The person is erased: their data and the letters to them go."""
    await erasing.erase_attendee(connection, UUID(attendee_id))


async def on_data_requested(connection: Connection, event: DataRequested, _: Envelope) -> None:
    """Whoever has the attendee's address gets a link to what is held."""
    await projections.enqueue_data_letter(connection, event)


async def on_page_email_requested(
    connection: Connection, event: PageEmailRequested, _: Envelope
) -> None:
    """Whoever reads the mail of the address gets a link that proves it for the page."""
    await projections.enqueue_proof_letter(connection, event)


async def on_data_erased(connection: Connection, event: DataErased, _: Envelope) -> None:
    """The person is erased, which booking hears from us."""
    await erasing.erase_with_receipt(connection, event)


SUBSCRIPTIONS = (
    Subscription(
        BOOKING_EVENTS,
        [
            on(PageCreated, on_page),
            on(PageChanged, on_page),
            *_LETTERS,
            on(DataRequested, on_data_requested),
            on(PageEmailRequested, on_page_email_requested),
            on(DataErased, on_data_erased, closes=True),
        ],
    ),
    Subscription(
        BOOKING_ATTENDEES,
        [on(AttendeeRecorded, on_attendee_recorded), on(RecipientRecorded, on_recipient_recorded)],
        on_tombstone=on_attendee_erased,
    ),
)
