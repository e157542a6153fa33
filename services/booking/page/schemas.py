"""The shapes of a page, field by field as outsiders rely on them."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.booking.domain import page
from services.booking.domain.handle import LONGEST_FORWARDING_DAYS
from services.booking.domain.online_meeting import OnlineMeeting
from services.booking.domain.profile import LONGEST_NAME, Profile, SignedIn, proven_email
from services.booking.domain.refusals import Invalid
from services.booking.domain.text import line_faults
from services.booking.domain.weekly_hours import regular_hours_faults
from services.booking.page.email_commands import WaitingEmail
from services.booking.page.views import PageView
from services.booking.schemas import (
    TRIMMED,
    AddressPart,
    Body,
    Locale,
    MailAddress,
    WarningResponse,
    WeeklyHoursBody,
    ZoneName,
    ruled,
    typed,
    weekly_hours_of,
)


class PageBody(Body):
    """What an organizer says about their page; who they are is what their sign-in says."""

    handle: AddressPart
    display_name: Annotated[str, TRIMMED, typed(line_faults, longest=LONGEST_NAME)] | None = Field(
        default=None, description="Comes from the sign-in; another one has no effect."
    )
    email: MailAddress | None = Field(
        default=None,
        description="Comes from the sign-in, or is one that was proven by mail; another one is "
        "refused, and asked for with `POST /page/email-request`.",
    )
    time_zone: ZoneName
    locale: Locale = "en"
    time_zone_locked: bool = False


class AddressBody(Body):
    """The new address; without one a new address is made from the old."""

    handle: AddressPart | None = None
    forward_days: int | None = Field(
        default=None,
        ge=1,
        le=LONGEST_FORWARDING_DAYS,
        description="For how long the old address leads to the new one; null: it is dead at once.",
    )


class EmailRequestBody(Body):
    """Another mail address for the page: a link is mailed there, and has to be opened."""

    email: MailAddress


class EmailProofBody(Body):
    """The token in the mailed link, which ends its address."""

    token: Annotated[str, Field(max_length=200)]


class EmailRequestResponse(BaseModel):
    """An address that waits for its proof; until then the page keeps the one it has."""

    email: str
    requested_at: datetime
    expires_at: datetime


class WaitingEmailResponse(BaseModel):
    """The address that waits for its proof; null when none does."""

    waiting: EmailRequestResponse | None


class OnlineMeetingBody(Body):
    """An online meeting for everything that is booked through the page."""

    provider: Literal["teams", "jitsi", "url"]
    enabled: bool
    url_template: Annotated[str, TRIMMED] | None = Field(
        default=None,
        description="`{booking_id}` makes it unique to each booking. Left out for jitsi, it is the "
        "deployment's own.",
    )


class OnlineMeetingResponse(BaseModel):
    """The online meeting for everything that is booked through the page; null: never set."""

    provider: Literal["teams", "jitsi", "url"] | None
    enabled: bool
    url_template: str | None


class RegularHours(Body):
    """The hours of all meeting types whose `hours` are `calendar`, in the page's time zone."""

    weekly_hours: Annotated[
        WeeklyHoursBody, ruled(lambda body: regular_hours_faults(weekly_hours_of(body)))
    ]


class PageResponse(BaseModel):
    """A page as its organizer sees it; `available` is whether visitors can see it."""

    handle: str
    display_name: str
    email: str
    email_proven: bool = Field(
        description="Whether the address was proven by mail; else it is that of the sign-in."
    )
    time_zone: str
    locale: str
    time_zone_locked: bool
    organizer_id: UUID
    published: bool
    available: bool
    denied_by: str | None = Field(description="The policy rule that closes the page, if any.")
    visitors_refused_until: datetime | None = Field(
        description="Until when visitors cannot reserve here, because so many asked that a budget "
        "is used up; null while they can."
    )
    url: str
    version: int
    warnings: list[WarningResponse]


def profile_of(body: PageBody, signed_in: SignedIn, current: Profile | None) -> Profile:
    """Return the profile that the body asks for; raise Invalid for somebody else's address."""
    email, is_proven = proven_email(body.email, signed_in, current)
    return Profile(
        handle=body.handle,
        display_name=signed_in.name[:LONGEST_NAME],
        email=email,
        email_proven=is_proven,
        time_zone=body.time_zone,
        locale=body.locale,
        time_zone_locked=body.time_zone_locked,
    )


def warnings_of(body: PageBody, view: PageView) -> list[WarningResponse]:
    """Return what was taken without the effect that was meant."""
    name = view.page.profile.display_name
    if body.display_name in (None, name):
        return []
    detail = f"The name comes from your sign-in and stays {name}."
    return [WarningResponse(pointer="#/display_name", detail=detail)]


def email_request_response(waiting: WaitingEmail) -> EmailRequestResponse:
    """Return the address that waits for its proof."""
    return EmailRequestResponse(
        email=waiting.email, requested_at=waiting.requested_at, expires_at=waiting.expires_at
    )


def online_meeting_of(body: OnlineMeetingBody, jitsi_template: str) -> OnlineMeeting:
    """Return the online meeting that the body asks for; raise Invalid without its address."""
    template = body.url_template or (jitsi_template if body.provider == "jitsi" else None)
    if template is None:
        raise Invalid.at("/url_template", "Must be given: where the meetings are joined.")
    return OnlineMeeting(provider=body.provider, url_template=template, enabled=body.enabled)


def online_meeting_response(view: PageView) -> OnlineMeetingResponse:
    """Return the page's online meeting."""
    found = view.page.online_meeting
    return OnlineMeetingResponse(
        provider=found.provider if found else None,
        enabled=found.enabled if found else False,
        url_template=found.url_template if found else None,
    )


def regular_hours_response(view: PageView) -> RegularHours:
    """Return the page's regular hours."""
    return RegularHours(weekly_hours=WeeklyHoursBody(**asdict(view.page.regular_hours)))


def page_response(
    view: PageView,
    public_url: str,
    warnings: list[WarningResponse] | None = None,
    visitors_refused_until: datetime | None = None,
) -> PageResponse:
    """Return the page as its organizer sees it."""
    found = view.page
    return PageResponse(
        handle=found.profile.handle,
        display_name=found.profile.display_name,
        email=found.profile.email,
        email_proven=found.profile.email_proven,
        time_zone=found.profile.time_zone,
        locale=found.profile.locale,
        time_zone_locked=found.profile.time_zone_locked,
        organizer_id=found.organizer_id,
        published=found.published,
        available=page.is_open(found),
        denied_by=view.denied_by,
        visitors_refused_until=visitors_refused_until,
        url=f"{public_url}/with/{found.profile.handle}",
        version=view.version,
        warnings=warnings or [],
    )
