"""Between the API's bodies and the domain's values."""

from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from services.booking.domain import location, meeting_type, page
from services.booking.domain.meeting_type import default_increment, default_slug
from services.booking.domain.private_link import link_state
from services.booking.domain.refusals import NotFound
from services.booking.domain.weekly_hours import WeeklyHours
from services.booking.handlers.meeting_types import MeetingType
from services.booking.handlers.pages import Page
from services.booking.handlers.private_links import Seen
from services.booking.http import answers, bodies
from services.booking.tokens import Tokens
from services.booking.translate import location as public_location


def profile(body: bodies.PageBody) -> page.Profile:
    """Return the profile that the body asks for."""
    return page.Profile(**body.model_dump())


def page_seen(held: Page, public_url: str) -> answers.PageSeen:
    """Return the page as its organizer sees it."""
    state = held.state
    if not isinstance(state, page.Page):
        raise NotFound("page")
    return answers.PageSeen(
        **asdict(state.profile),
        organizer_id=state.organizer_id,
        published=state.published,
        available=page.is_open(state),
        denied_by=state.access.rule or None if state.access.verdict == "denied" else None,
        url=f"{public_url}/with/{state.profile.handle}",
        version=held.version,
    )


def fresh_handle(held: Page, minted: UUID) -> str:
    """Return a new address made from the old one; nobody can guess its last part."""
    assert isinstance(held.state, page.Page)
    name = held.state.profile.handle.rsplit("-", 1)[0] if _was_renewed(held) else ""
    name = name or held.state.profile.handle
    return f"{name[:55].rstrip('-')}-{minted.hex[-8:]}"


def _was_renewed(held: Page) -> bool:
    assert isinstance(held.state, page.Page)
    _, _, last = held.state.profile.handle.rpartition("-")
    return len(last) == 8 and all(letter in "0123456789abcdef" for letter in last)


def settings(body: bodies.MeetingTypeBody) -> meeting_type.Settings:
    """Return the settings that the body asks for, defaults filled in."""
    given = body.weekly_hours != bodies.WeeklyHoursBody()
    return meeting_type.Settings(
        title=body.title,
        slug=default_slug(body.title) if body.slug is None else body.slug,
        duration_minutes=body.duration_minutes,
        increment_minutes=default_increment(body.duration_minutes)
        if body.increment_minutes is None
        else body.increment_minutes,
        location=_location(body.location),
        description=body.description,
        visibility=body.visibility,
        hours=body.hours or ("custom" if given else "calendar"),
        weekly_hours=_hours(body.weekly_hours),
        min_lead_minutes=body.min_lead_minutes,
        max_lead_minutes=body.max_lead_minutes,
    )


def patched(held: MeetingType, body: bodies.MeetingTypePatch) -> meeting_type.Settings:
    """Return the type's settings with the fields that the body names."""
    assert isinstance(held.state, meeting_type.MeetingType)
    named: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    if body.location is not None:
        named["location"] = _location(body.location)
    if body.weekly_hours is not None:
        named["weekly_hours"] = _hours(body.weekly_hours)
    return replace(held.state.settings, **named)


def type_seen(
    id_: UUID, held: MeetingType, public_url: str, handle: str
) -> answers.MeetingTypeSeen:
    """Return the meeting type as its organizer sees it."""
    state = held.state
    if not isinstance(state, meeting_type.MeetingType):
        raise NotFound("meeting type")
    public = state.settings.visibility == "public"
    return answers.MeetingTypeSeen(
        **{
            **asdict(state.settings),
            "location": public_location(state.settings.location).model_dump(),
        },
        id=id_,
        organizer_id=state.organizer_id,
        organizer_time_zone=state.organizer_time_zone,
        revision=state.revision,
        url=f"{public_url}/with/{handle}/{state.settings.slug}" if public else None,
    )


def link_seen(seen: Seen, tokens: Tokens) -> answers.LinkSeen:
    """Return the link as its organizer sees it, with the token that opens it."""
    link = seen.link
    return answers.LinkSeen(
        id=seen.id,
        meeting_type_id=link.meeting_type_id,
        label=link.limits.label,
        max_uses=link.limits.max_uses,
        uses=len(link.consumed),
        expires_at=link.limits.expires_at,
        state=link_state(link, seen.at),
        token=tokens.link(seen.id),
        url=tokens.link_url(seen.id),
        version=seen.version,
    )


def _location(body: bodies.LocationBody) -> location.Location:
    match body:
        case bodies.InPersonBody():
            return location.InPerson(body.address)
        case bodies.PhoneBody():
            return location.Phone(body.who_calls, body.number)
        case bodies.OnlineBody():
            return location.Online(body.provider, body.url_template)


def _hours(body: bodies.WeeklyHoursBody) -> WeeklyHours:
    return WeeklyHours(**dict(body))
