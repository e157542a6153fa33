"""Booking's tables: which are rebuilt from its log or from topics, and why others are not."""

from collections.abc import Sequence

from contracts.availability import SlotAccepted, SlotRejected
from contracts.envelope import Envelope
from contracts.notifier import MailDataErased
from contracts.topics import AVAILABILITY_EVENTS, NOTIFIER_EVENTS
from services.booking.attendees.erasure_records import (
    data_requests,
    erasure_receipts,
    erasures,
    receipt_of,
)
from services.booking.attendees.records import attendees
from services.booking.attendees.streams import HELD_DATA
from services.booking.bookings.claims import slot_claims
from services.booking.bookings.records import bookings
from services.booking.bookings.streams import BOOKING
from services.booking.bookings.verdicts import keep_newest_verdict, verdicts
from services.booking.meeting_types.records import meeting_types
from services.booking.meeting_types.streams import MEETING_TYPE
from services.booking.metadata import metadata
from services.booking.offers.records import offers
from services.booking.offers.streams import OFFER
from services.booking.page.policy_versions import policy_versions
from services.booking.page.records import page_addresses, page_emails, pages
from services.booking.page.streams import PAGE
from services.booking.private_links.details import link_details
from services.booking.private_links.records import private_links
from services.booking.private_links.streams import PRIVATE_LINK
from services.chassis.events.rebuild import ReadModels
from services.chassis.messaging.replaying import Replayed
from services.chassis.messaging.subscriptions import Subscription, on
from services.chassis.postgres.database import Connection, enqueue_all


async def on_verdict(
    connection: Connection, event: SlotAccepted | SlotRejected, envelope: Envelope
) -> None:
    """A verdict of before is kept, and causes nothing."""
    await keep_newest_verdict(connection, event, envelope.causation_id)


async def on_receipt(connection: Connection, event: MailDataErased, envelope: Envelope) -> None:
    """A receipt of before is kept."""
    await enqueue_all(connection, [receipt_of(event, envelope)])


def replayed() -> Sequence[Replayed]:
    """Return the topics that are read again. What policy decides is in the log, as page events."""
    verdicts_given = [on(SlotAccepted, on_verdict), on(SlotRejected, on_verdict)]
    return [
        Replayed(Subscription(AVAILABILITY_EVENTS, verdicts_given)),
        Replayed(Subscription(NOTIFIER_EVENTS, [on(MailDataErased, on_receipt)])),
    ]


MODELS = ReadModels(
    metadata=metadata,
    categories=(PAGE, MEETING_TYPE, PRIVATE_LINK, BOOKING, OFFER, HELD_DATA),
    rebuilt=(
        pages,
        page_addresses,
        meeting_types,
        private_links,
        offers,
        bookings,
        slot_claims,
        data_requests,
        erasures,
    ),
    replayed=replayed,
    from_topics=(verdicts, erasure_receipts),
    kept={
        attendees: "personal data, which is not in the log so that it can be erased",
        policy_versions: "one row, which the next change of the policy writes again",
        page_emails: "addresses that wait for a proof: they may be strangers'",
        link_details: "what organizers note about people, which is not in the log either",
    },
    # The claims of an offer that is over are dropped by whoever wants its time.
    over={slot_claims: "of_offer AND held_until <= now()"},
)
