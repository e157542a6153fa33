"""What is held about a person: asked for by them, and erased. No event says who it is.

`attendee_id` is that of a booking's attendee, or of somebody to whom a private link is addressed.
"""

from typing import ClassVar, Literal

from pydantic import Field

from contracts.booking.organizer import OfOrganizer
from contracts.values import Id, Instant


class OfHeldData(OfOrganizer):
    """An event about the personal data of one booking's attendee, or of a link's addressee."""

    SUBJECT: ClassVar[str] = "attendee_id"

    attendee_id: Id


class DataRequested(OfHeldData):
    """Somebody asks what is held about this attendee; a link is mailed to the attendee's address.

    The link opens all records with that address until `expires_at`.
    """

    TYPE = "io.bookwith.booking.DataRequested.v1"

    request_id: Id
    expires_at: Instant


class DataErased(OfHeldData):
    """The receipt of booking: what it held about the attendee is erased; the booking stays.

    Of an addressee it is what their link had about them. A link to nobody else ends with that.

    Whoever has a copy erases it too. The services of this product answer with receipts of their
    own.
    """

    TYPE = "io.bookwith.booking.DataErased.v1"

    booking_id: Id | None = Field(default=None, description="Null for a link's addressee.")
    link_id: Id | None = Field(default=None, description="Null for a booking's attendee.")
    link_ended: bool = Field(default=False, description="Whether the link has ended with that.")
    erasure_id: Id = Field(description="One for all records that were erased at once.")
    by: Literal["attendee", "administrator", "retention"]
    erased_at: Instant
