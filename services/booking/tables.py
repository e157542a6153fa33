"""All of booking's tables, as its capabilities declare them: the migrations must produce these."""

from services.booking.attendees.erasure_records import data_requests, erasure_receipts, erasures
from services.booking.attendees.records import attendees
from services.booking.bookings.claims import slot_claims
from services.booking.bookings.records import bookings
from services.booking.bookings.verdicts import verdicts
from services.booking.meeting_types.records import meeting_types
from services.booking.metadata import metadata
from services.booking.offers.records import offers
from services.booking.page.policy_versions import policy_versions
from services.booking.page.records import page_addresses, pages
from services.booking.private_links.details import link_details
from services.booking.private_links.records import private_links

__all__ = [
    "attendees",
    "bookings",
    "data_requests",
    "erasure_receipts",
    "erasures",
    "link_details",
    "meeting_types",
    "metadata",
    "offers",
    "page_addresses",
    "pages",
    "policy_versions",
    "private_links",
    "slot_claims",
    "verdicts",
]
