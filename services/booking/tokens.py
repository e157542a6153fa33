"""Booking's capability tokens: for bookings, addresses to prove, private links, held data."""

from datetime import UTC, datetime
from uuid import UUID

from contracts.capabilities import (
    HELD_DATA,
    MANAGE,
    PAGE_EMAIL,
    PRIVATE_LINK,
    VERIFY,
    organizer_at,
)
from services.chassis.identity.capability_tokens import KeyRing


class Tokens:
    """Issues and reads booking's tokens, and makes the addresses that contain them."""

    def __init__(self, keys: KeyRing, public_url: str) -> None:
        self._keys = keys
        self._public_url = public_url

    def manage(self, booking_id: UUID) -> str:
        """Return the token that manages the booking, the same for its whole life."""
        return self._keys.issue(MANAGE, booking_id)

    def manage_url(self, booking_id: UUID) -> str:
        """Return the address that mails carry."""
        return f"{self._public_url}/m/{self.manage(booking_id)}"

    def link(self, link_id: UUID) -> str:
        """Return the token of a private link."""
        return self._keys.issue(PRIVATE_LINK, link_id)

    def link_url(self, link_id: UUID) -> str:
        """Return the address that the organizer hands out."""
        return f"{self._public_url}/p/{self.link(link_id)}"

    def organizer(self, organizer_id: UUID) -> str:
        """Return the token with which other services are asked in the organizer's name.

        It is good for a minute or two, and never leaves the services.
        """
        return self._keys.issue(organizer_at(datetime.now(UTC)), organizer_id)

    def verify(self, booking_id: UUID) -> str:
        """Return the token that proves the attendee's address: it is mailed there only."""
        return self._keys.issue(VERIFY, booking_id)

    def read_verify(self, token: str) -> UUID | None:
        """Return the booking whose attendee's address the token proves, or None."""
        grant = self._keys.read(VERIFY, token)
        return grant.id if grant else None

    def read_manage(self, token: str) -> UUID | None:
        """Return the booking that the token manages, or None if it is not genuine."""
        grant = self._keys.read(MANAGE, token)
        return grant.id if grant else None

    def read_link(self, token: str) -> UUID | None:
        """Return the private link that the token opens, or None if it is not genuine."""
        grant = self._keys.read(PRIVATE_LINK, token)
        return grant.id if grant else None

    def read_page_email(self, token: str) -> UUID | None:
        """Return the request whose address the token proves, or None if it is not genuine."""
        grant = self._keys.read(PAGE_EMAIL, token)
        return grant.id if grant else None

    def read_held_data(self, token: str) -> UUID | None:
        """Return the request for held data that the token belongs to, None if not genuine."""
        grant = self._keys.read(HELD_DATA, token)
        return grant.id if grant else None
