"""Offers: times that an organizer offers one person, behind one single-use private link."""

from typing import ClassVar

from pydantic import Field

from contracts.booking.organizer import OfOrganizer
from contracts.values import Id, Instant, Period


class OfOffer(OfOrganizer):
    """An event about an offer."""

    SUBJECT: ClassVar[str] = "offer_id"

    offer_id: Id
    meeting_type_id: Id
    link_id: Id = Field(description="The offer ends with this link, whose end says why.")


class OfferMade(OfOffer):
    """Times are offered to somebody, who is named in no event."""

    TYPE = "io.bookwith.booking.OfferMade.v1"

    times: tuple[Period, ...]
    held: bool = Field(
        description="Until the offer ends nobody without its link can book its times."
    )
    expires_at: Instant


class OfferWithdrawn(OfOffer):
    """The times are not offered any more."""

    TYPE = "io.bookwith.booking.OfferWithdrawn.v1"
