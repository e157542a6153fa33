"""What an attendee may see without an account, field by field as outsiders rely on it."""

from uuid import UUID

from pydantic import BaseModel, Field

from services.booking.domain.location import Location, as_attendee_sees
from services.booking.domain.profile import Profile
from services.booking.public.offerings import Offering, OpenPage
from services.booking.schemas import (
    AnyLocationResponse,
    LocationResponse,
    QuestionResponse,
    location_response,
    question_responses,
)


class PublicTypeResponse(BaseModel):
    """A meeting type as an attendee may see it."""

    id: UUID
    title: str
    slug: str | None = Field(description="Public types only.")
    description: str
    durations_minutes: list[int] = Field(description="To choose from; the first is the default.")
    duration_minutes: int
    locations: list[LocationResponse] = Field(
        description="To choose from by `location_index`; the first is the default."
    )
    location: LocationResponse
    questions: list[QuestionResponse]
    approval_required: bool
    verification_required: bool
    members_only: bool = Field(description="Whether one must be signed in to book it.")
    colour: str | None
    organizer: "PublicOrganizerResponse"


class PublicOrganizerResponse(BaseModel):
    """What an attendee may know of an organizer."""

    display_name: str
    time_zone: str
    time_zone_locked: bool
    locale: str
    handle: str | None = Field(default=None, description="Public pages only.")


class PublicPageResponse(BaseModel):
    """An organizer's page with its public meeting types."""

    organizer: PublicOrganizerResponse
    meeting_types: list[PublicTypeResponse]


def public_page_response(page: OpenPage) -> PublicPageResponse:
    """Return the page as an attendee may see it."""
    return PublicPageResponse(
        organizer=_organizer(page.profile, page.profile.handle),
        meeting_types=[public_type_response(offering) for offering in page.offerings],
    )


def public_type_response(offering: Offering) -> PublicTypeResponse:
    """Return the meeting type as an attendee may see it."""
    settings = offering.settings
    public = settings.visibility == "public"
    return PublicTypeResponse(
        id=offering.id,
        title=settings.title,
        slug=settings.slug if public else None,
        description=settings.description,
        durations_minutes=list(settings.durations_minutes),
        duration_minutes=settings.duration_minutes,
        locations=[_location(each) for each in settings.locations],
        location=_location(settings.location),
        questions=question_responses(settings.questions),
        approval_required=settings.approval_required,
        verification_required=settings.verification_required,
        members_only=settings.members_only,
        colour=settings.colour,
        organizer=_organizer(offering.profile, offering.profile.handle if public else None),
    )


def _location(location: Location) -> AnyLocationResponse:
    return location_response(as_attendee_sees(location, booked=False))


def _organizer(profile: Profile, handle: str | None) -> PublicOrganizerResponse:
    return PublicOrganizerResponse(
        display_name=profile.display_name,
        time_zone=profile.time_zone,
        time_zone_locked=profile.time_zone_locked,
        locale=profile.locale,
        handle=handle,
    )
