"""The shapes of a page, field by field as outsiders rely on them."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from services.booking.domain import page
from services.booking.domain.profile import LONGEST_NAME, Profile, handle_faults
from services.booking.domain.text import line_faults
from services.booking.page.views import PageView
from services.booking.schemas import (
    TRIMMED,
    Body,
    Locale,
    MailAddress,
    ZoneName,
    ruled,
    typed,
)

Handle = Annotated[str, ruled(handle_faults)]


class PageBody(Body):
    """What an organizer says about their page."""

    handle: Handle
    display_name: Annotated[str, TRIMMED, typed(line_faults, longest=LONGEST_NAME)]
    email: MailAddress
    time_zone: ZoneName
    locale: Locale = "en"
    time_zone_locked: bool = False


class AddressBody(Body):
    """The new address; without one a new address is made from the old."""

    handle: Handle | None = None


class PageResponse(BaseModel):
    """A page as its organizer sees it; `available` is whether visitors can see it."""

    handle: str
    display_name: str
    email: str
    time_zone: str
    locale: str
    time_zone_locked: bool
    organizer_id: UUID
    published: bool
    available: bool
    denied_by: str | None = Field(description="The policy rule that closes the page, if any.")
    url: str
    version: int


def profile_of(body: PageBody) -> Profile:
    """Return the profile that the body asks for."""
    return Profile(
        handle=body.handle,
        display_name=body.display_name,
        email=body.email,
        time_zone=body.time_zone,
        locale=body.locale,
        time_zone_locked=body.time_zone_locked,
    )


def page_response(view: PageView, public_url: str) -> PageResponse:
    """Return the page as its organizer sees it."""
    found = view.page
    return PageResponse(
        handle=found.profile.handle,
        display_name=found.profile.display_name,
        email=found.profile.email,
        time_zone=found.profile.time_zone,
        locale=found.profile.locale,
        time_zone_locked=found.profile.time_zone_locked,
        organizer_id=found.organizer_id,
        published=found.published,
        available=page.is_open(found),
        denied_by=view.denied_by,
        url=f"{public_url}/with/{found.profile.handle}",
        version=view.version,
    )
