"""Private links: the only way to a private meeting type."""

from typing import ClassVar, Literal

from pydantic import Field

from contracts.booking.organizer import OfOrganizer
from contracts.values import Id, Instant


class OfLink(OfOrganizer):
    """An event about a private link."""

    SUBJECT: ClassVar[str] = "link_id"

    link_id: Id


class WholeLink(OfLink):
    """A private link as it is after the event; never its token."""

    meeting_type_id: Id
    label: str | None = None
    max_uses: int | None = Field(
        description="How many bookings may use it: 1 to 10,000, or null for any number."
    )
    expires_at: Instant


class PrivateLinkIssued(WholeLink):
    """There is a new private link to a meeting type."""

    TYPE = "io.bookwith.booking.PrivateLinkIssued.v1"


class PrivateLinkChanged(WholeLink):
    """A private link's label, uses or deadline has changed; the body is the whole link."""

    TYPE = "io.bookwith.booking.PrivateLinkChanged.v1"


class OfLinkUse(OfLink):
    """An event about one use of a private link."""

    booking_id: Id


class LinkUseTaken(OfLinkUse):
    """A hold has taken one use of the link."""

    TYPE = "io.bookwith.booking.LinkUseTaken.v1"


class LinkUseReturned(OfLinkUse):
    """The hold has ended without a booking; the use is free again."""

    TYPE = "io.bookwith.booking.LinkUseReturned.v1"


class LinkUseConsumed(OfLinkUse):
    """A confirmed booking has consumed the use for good."""

    TYPE = "io.bookwith.booking.LinkUseConsumed.v1"


class LinkExpired(OfLink):
    """The link is dead."""

    TYPE = "io.bookwith.booking.LinkExpired.v1"

    meeting_type_id: Id
    reason: Literal["ttl", "consumed", "revoked", "type_deleted", "type_made_public"]
    expired_at: Instant
