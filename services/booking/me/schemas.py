"""What is held about a person as the API gives it."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.booking.bookings.schemas import AnswerResponse, Status
from services.booking.domain.held_data import Eraser
from services.booking.me.views import Erasure, HeldBooking, HeldData
from services.booking.schemas import Body, MailAddress

HOLDINGS = {
    "booking": "Name, address, time zone, language, answers and reasons of each booking, and name, "
    "address and time zone with each private link that is addressed to you, as below.",
    "notifier": "A copy of these for mails, and when each mail was sent. Sent mails stay sent.",
    "availability": "Nothing about you: times and ids of bookings.",
    "policy": "Nothing about you.",
}


class AddressBody(Body):
    """Whose data is asked for: a link is mailed there, if anything is held."""

    email: MailAddress


class RequestedResponse(BaseModel):
    """The same for every address."""

    detail: str
    link_minutes: int


class ReasonResponse(BaseModel):
    """The reason that was given with a change."""

    at: datetime
    reason: str


class HeldBookingResponse(BaseModel):
    """What is held about the attendee of one booking."""

    attendee_id: UUID
    booking_id: UUID
    organizer_name: str
    organizer_email: str
    title: str
    status: Status
    start: datetime
    end: datetime
    name: str
    email: str
    time_zone: str
    locale: str
    answers: list[AnswerResponse]
    reasons: list[ReasonResponse]


class AddressedLinkResponse(BaseModel):
    """A private link that an organizer has made for the person."""

    link_id: UUID
    organizer_name: str
    organizer_email: str
    name: str
    email: str
    time_zone: str | None
    ends: bool = Field(description="Whether an erasure ends it: it is addressed to nobody else.")


class HoldingResponse(BaseModel):
    """What a service holds, in words."""

    service: str
    holds: str


class ReceiptResponse(BaseModel):
    """A service's receipt; without `erased_at` it is still to come."""

    service: str
    records: int
    erased_at: datetime | None


class ErasureResponse(BaseModel):
    """What was erased at once; the receipts are shown as they come in."""

    id: UUID
    by: Eraser
    erased_at: datetime
    records: int = Field(description="How many records with the address there were, links too.")
    links: int = Field(description="How many of them were private links, addressed to the person.")
    links_ended: int = Field(description="How many of these have ended: nobody else had them.")
    receipts: list[ReceiptResponse]


class HeldDataResponse(BaseModel):
    """All that is held about a person."""

    email: str | None
    link_expires_at: datetime | None
    services: list[HoldingResponse]
    bookings: list[HeldBookingResponse]
    links: list[AddressedLinkResponse]
    erasure: ErasureResponse | None


class FoundAttendee(BaseModel):
    """A record with the address; its `id` erases all of them."""

    id: UUID
    booking_id: UUID | None = Field(description="Null for the addressee of a private link.")
    link_id: UUID | None = Field(description="Null for the attendee of a booking.")
    organizer_id: UUID


class FoundAttendees(BaseModel):
    """The records with the address."""

    items: list[FoundAttendee]


def held_data_response(held: HeldData) -> HeldDataResponse:
    """Return all that is held."""
    return HeldDataResponse(
        email=held.email,
        link_expires_at=held.expires_at,
        services=[HoldingResponse(service=name, holds=holds) for name, holds in HOLDINGS.items()],
        bookings=[_booking(each) for each in held.bookings],
        links=[
            AddressedLinkResponse(
                link_id=each.link.link_id,
                organizer_name=each.organizer_name,
                organizer_email=each.organizer_email,
                name=each.link.name,
                email=each.link.email,
                time_zone=each.link.time_zone,
                ends=each.ends,
            )
            for each in held.links
        ],
        erasure=erasure_response(held.erasure) if held.erasure else None,
    )


def erasure_response(erasure: Erasure) -> ErasureResponse:
    """Return the erasure with its receipts."""
    return ErasureResponse(
        id=erasure.id,
        by=erasure.by,
        erased_at=erasure.erased_at,
        records=erasure.records,
        links=erasure.links,
        links_ended=erasure.links_ended,
        receipts=[
            ReceiptResponse(service=each.service, records=each.records, erased_at=each.erased_at)
            for each in erasure.receipts
        ],
    )


def _booking(held: HeldBooking) -> HeldBookingResponse:
    record, booking = held.record, held.booking
    return HeldBookingResponse(
        attendee_id=record.id,
        booking_id=record.booking_id,
        organizer_name=held.organizer_name,
        organizer_email=held.organizer_email,
        title=booking.title,
        status=booking.status,
        start=booking.slot.start,
        end=booking.slot.end,
        name=record.name,
        email=record.email,
        time_zone=record.time_zone,
        locale=record.locale,
        answers=[
            AnswerResponse(question_id=each.question_id, label=each.label, value=each.value)
            for each in record.answers
        ],
        reasons=[ReasonResponse(at=each.at, reason=each.reason) for each in record.reasons],
    )
