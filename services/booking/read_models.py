"""Booking's tables: which are rebuilt from its log, and why the others are not."""

from services.booking.attendees.erasure_records import data_requests, erasure_receipts, erasures
from services.booking.attendees.records import attendees
from services.booking.attendees.streams import HELD_DATA
from services.booking.bookings.claims import slot_claims
from services.booking.bookings.records import bookings
from services.booking.bookings.streams import BOOKING
from services.booking.bookings.verdicts import verdicts
from services.booking.meeting_types.records import meeting_types
from services.booking.meeting_types.streams import MEETING_TYPE
from services.booking.metadata import metadata
from services.booking.offers.records import offers
from services.booking.offers.streams import OFFER
from services.booking.page.records import page_addresses, pages
from services.booking.page.streams import PAGE
from services.booking.private_links.details import link_details
from services.booking.private_links.records import private_links
from services.booking.private_links.streams import PRIVATE_LINK
from services.chassis.events.rebuild import ReadModels

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
    kept={
        attendees: "personal data, which is not in the log so that it can be erased",
        link_details: "what organizers note about people, which is not in the log either",
        verdicts: "from availability's events",
        erasure_receipts: "from notifier's events",
    },
    # The claims of an offer that is over are dropped by whoever wants its time.
    over={slot_claims: "of_offer AND held_until <= now()"},
)
