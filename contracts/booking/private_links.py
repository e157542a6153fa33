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
    """A private link as it is after the event; never its token, nor what is noted about it."""

    meeting_type_id: Id
    label: str | None = Field(
        default=None,
        description="Always null: a label is the organizer's own, and may name a person.",
    )
    max_uses: int | None = Field(
        description="How many bookings may use it: 1 to 10,000, or null for any number."
    )
    expires_at: Instant
    not_before: Instant | None = Field(
        default=None, description="The moment from which it may be used; null at once."
    )
    duration_minutes: int | None = Field(
        default=None, description="The length of its meetings; null is the meeting type's."
    )
    for_addressees: bool = Field(
        default=False, description="Only certain people may book with it; they are in no event."
    )


class PrivateLinkIssued(WholeLink):
    """There is a new private link to a meeting type."""

    TYPE = "io.bookwith.booking.PrivateLinkIssued.v1"

    offer_id: Id | None = Field(
        default=None, description="The offer whose times it opens, if it belongs to one."
    )


class PrivateLinkChanged(WholeLink):
    """A private link has changed, or what is noted about it; the body is the whole link."""

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
