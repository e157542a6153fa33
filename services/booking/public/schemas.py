"""What an attendee may see without an account, field by field as outsiders rely on it."""

from uuid import UUID

from pydantic import BaseModel, Field

from services.booking.domain.location import as_attendee_sees
from services.booking.domain.profile import Profile
from services.booking.public.offers import Offer, OpenPage
from services.booking.schemas import LocationResponse, location_response


class PublicTypeResponse(BaseModel):
    """A meeting type as an attendee may see it."""

    id: UUID
    title: str
    slug: str | None = Field(description="Public types only.")
    description: str
    duration_minutes: int
    location: LocationResponse
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
        meeting_types=[public_type_response(offer) for offer in page.offers],
    )


def public_type_response(offer: Offer) -> PublicTypeResponse:
    """Return the meeting type as an attendee may see it."""
    settings = offer.settings
    public = settings.visibility == "public"
    return PublicTypeResponse(
        id=offer.id,
        title=settings.title,
        slug=settings.slug if public else None,
        description=settings.description,
        duration_minutes=settings.duration_minutes,
        location=location_response(as_attendee_sees(settings.location, booked=False)),
        organizer=_organizer(offer.profile, offer.profile.handle if public else None),
    )


def _organizer(profile: Profile, handle: str | None) -> PublicOrganizerResponse:
    return PublicOrganizerResponse(
        display_name=profile.display_name,
        time_zone=profile.time_zone,
        time_zone_locked=profile.time_zone_locked,
        locale=profile.locale,
        handle=handle,
    )
