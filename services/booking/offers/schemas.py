"""The shapes of an offer, field by field as outsiders rely on them."""

from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel, Field

from services.booking.domain.offer import MOST_TIMES, OfferState, TimeState
from services.booking.domain.private_link import Addressee
from services.booking.domain.private_link.details import LONGEST_NAME
from services.booking.domain.text import line_faults
from services.booking.offers.commands import OfferRequest
from services.booking.offers.text import TimeLine, offer_html, offer_text
from services.booking.offers.views import OfferView
from services.booking.private_links.schemas import Deadline, Minutes
from services.booking.schemas import TRIMMED, Body, MailAddress, ZoneName, typed
from services.booking.tokens import Tokens
from services.chassis.http.instants import Instant, written
from services.chassis.http.listing import Identified


class OfferedToBody(Body):
    """Whom the times are for: nobody else can book them."""

    name: Annotated[str, TRIMMED, typed(line_faults, longest=LONGEST_NAME, needed=False)] = ""
    email: MailAddress
    time_zone: ZoneName | None = Field(
        default=None, description="The text names the times in this zone; else the organizer's."
    )


class OfferBody(Body):
    """Times to offer. With `hold` nobody else can book them until the offer ends."""

    meeting_type_id: UUID
    starts: Annotated[tuple[Instant, ...], Field(max_length=MOST_TIMES)]
    duration_minutes: Minutes = None
    addressee: OfferedToBody | None = None
    hold: bool = False
    expires_at: Deadline | None = Field(
        default=None, description="Without it the offer ends when its last time begins."
    )


class OfferedTimeResponse(BaseModel):
    """One offered time: its address opens the booking page with the time chosen."""

    start: datetime
    end: datetime
    url: str
    state: TimeState


class OfferedToResponse(BaseModel):
    """Whom the times are for."""

    name: str
    email: str
    time_zone: str | None


class OfferResponse(Identified):
    """An offer as its organizer sees it, with what to paste into a mail."""

    link_id: UUID
    meeting_type_id: UUID
    state: OfferState
    times: list[OfferedTimeResponse]
    addressee: OfferedToResponse | None
    hold: bool
    expires_at: datetime
    text: str
    html: str
    version: int


def request_of(body: OfferBody, offer_id: UUID, organizer_id: UUID) -> OfferRequest:
    """Return what the body asks to offer."""
    to = body.addressee
    return OfferRequest(
        offer_id=offer_id,
        organizer_id=organizer_id,
        meeting_type_id=body.meeting_type_id,
        starts=body.starts,
        duration_minutes=body.duration_minutes,
        addressee=Addressee(name=to.name, email=to.email, time_zone=to.time_zone) if to else None,
        held=body.hold,
        expires_at=body.expires_at,
    )


def offer_response(view: OfferView, tokens: Tokens) -> OfferResponse:
    """Return the offer as its organizer sees it."""
    url, to = tokens.link_url(view.offer.link_id), view.addressee
    prefilled = {"name": to.name, "email": to.email} if to else {}
    times = [
        OfferedTimeResponse(
            start=time.slot.start,
            end=time.slot.end,
            url=f"{url}?{urlencode({'start': written(time.slot.start), **prefilled})}",
            state=time.state,
        )
        for time in view.times
    ]
    lines = [
        TimeLine(time.start, time.end, time.url)
        for time in sorted(times, key=lambda time: time.start)
        if time.state in ("open", "held")
    ]
    return OfferResponse(
        id=view.id,
        link_id=view.offer.link_id,
        meeting_type_id=view.offer.meeting_type_id,
        state=view.state,
        times=times,
        addressee=to and OfferedToResponse(name=to.name, email=to.email, time_zone=to.time_zone),
        hold=view.offer.held,
        expires_at=view.offer.expires_at,
        text=offer_text(view, lines),
        html=offer_html(view, lines),
        version=view.version,
    )
