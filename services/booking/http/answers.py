"""The shapes that the API gives, field by field as outsiders rely on them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.booking.http.bodies import (
    AnswerBody,
    AttendeeBody,
    InPersonBody,
    LocationBody,
    PageBody,
    WeeklyHoursBody,
)


class PageSeen(PageBody):
    """A page as its organizer sees it; `available` is whether visitors can see it."""

    organizer_id: UUID
    published: bool
    available: bool
    denied_by: str | None = Field(description="The policy rule that closes the page, if any.")
    url: str
    version: int


class MeetingTypeSeen(BaseModel):
    """A meeting type as its organizer sees it."""

    id: UUID
    organizer_id: UUID
    organizer_time_zone: str
    title: str
    slug: str
    description: str
    duration_minutes: int
    increment_minutes: int
    visibility: Literal["public", "private"]
    hours: Literal["calendar", "custom"]
    weekly_hours: WeeklyHoursBody
    min_lead_minutes: int
    max_lead_minutes: int
    location: LocationBody
    revision: int
    url: str | None = Field(description="Where visitors find a public type.")


class LinkSeen(BaseModel):
    """A private link as its organizer sees it."""

    id: UUID
    meeting_type_id: UUID
    label: str
    max_uses: int | None
    uses: int
    expires_at: datetime
    state: Literal["active", "held", "consumed", "expired", "revoked"]
    token: str
    url: str
    version: int


class PhoneTold(BaseModel):
    """A call; the number is the organizer's, told once it is booked and theirs to be called."""

    kind: Literal["phone"]
    who_calls: Literal["organizer", "attendee"]
    number: str | None


class OnlineTold(BaseModel):
    """A video meeting; how it is joined is told once it is booked."""

    kind: Literal["online"]
    provider: Literal["teams", "jitsi", "url"]
    url_template: str | None


LocationTold = Annotated[InPersonBody | PhoneTold | OnlineTold, Field(discriminator="kind")]


class PublicType(BaseModel):
    """A meeting type as an attendee may see it."""

    id: UUID
    title: str
    slug: str | None = Field(description="Public types only.")
    description: str
    duration_minutes: int
    location: LocationTold
    organizer: "PublicOrganizer"


class PublicOrganizer(BaseModel):
    """What an attendee may know of an organizer."""

    display_name: str
    time_zone: str
    time_zone_locked: bool
    locale: str
    handle: str | None = Field(default=None, description="Public pages only.")


class PublicPage(BaseModel):
    """An organizer's page with its public meeting types."""

    organizer: PublicOrganizer
    meeting_types: list[PublicType]


class Seen(BaseModel):
    """A booking; `attendee` and `answers` for its organizer and its manage token only."""

    id: UUID
    status: Literal["held", "requested", "confirmed", "declined", "cancelled", "released"]
    release_reason: str | None
    verdict: Literal["accepted", "rejected", "pending"]
    organizer_id: UUID
    meeting_type_id: UUID
    title: str
    start: datetime
    end: datetime
    location: LocationTold
    join_url: str | None
    uid: str
    ics_sequence: int
    version: int
    hold_expires_at: datetime | None
    pending_move: "PendingMoveSeen | None"
    link_id: UUID | None
    manage_token: str | None
    manage_url: str | None
    created_at: datetime
    attendee: AttendeeBody | None
    answers: list[AnswerBody]
    change_reason: str | None


class Bookings(BaseModel):
    """One page of a list of bookings."""

    items: list[Seen]
    next_cursor: UUID | None


class MeetingTypes(BaseModel):
    """One page of a list of meeting types."""

    items: list[MeetingTypeSeen]
    next_cursor: UUID | None


class Links(BaseModel):
    """One page of a list of private links."""

    items: list[LinkSeen]
    next_cursor: UUID | None


class PendingMoveSeen(BaseModel):
    """A new time that is held while availability checks it."""

    start: datetime
    end: datetime
    expires_at: datetime
