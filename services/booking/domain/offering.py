"""What may be booked and moved: a meeting type together with its organizer's page."""

from dataclasses import replace

from services.booking.domain import meeting_type, page, private_link
from services.booking.domain.refusals import (
    LinkSuspended,
    MembersOnly,
    NotAvailable,
    NotFound,
)
from services.booking.domain.slot import Party


def is_offered(offered: meeting_type.State, owner: page.State, by: Party = "attendee") -> bool:
    """Tell whether the type exists and is enabled, and its page is open to that party."""
    return (
        isinstance(offered, meeting_type.MeetingType)
        and offered.settings.enabled
        and may_move(owner, by)
    )


def bookable_settings(
    offered: meeting_type.State,
    owner: page.State,
    *,
    by: Party,
    has_link: bool,
    is_member: bool = False,
) -> meeting_type.Settings:
    """Return the settings of a type that may be booked.

    Raises:
        NotFound: there is no such type; a private one hides from attendees without its link.
        LinkSuspended: the page or the type is off, and a link leads to it.
        NotAvailable: the page or the type is off.
        MembersOnly: the attendee must be signed in.
    """
    if not isinstance(offered, meeting_type.MeetingType):
        raise NotFound("meeting type")
    if offered.settings.visibility == "private" and not has_link and by == "attendee":
        raise NotFound("meeting type")
    if not is_offered(offered, owner, by):
        raise LinkSuspended if has_link else NotAvailable
    if offered.settings.members_only and not is_member and by == "attendee":
        raise MembersOnly
    return offered.settings


def with_link(
    settings: meeting_type.Settings, link: private_link.State | None
) -> meeting_type.Settings:
    """Return the settings as they are for whoever has the link: it may fix the length."""
    if isinstance(link, private_link.Link) and link.limits.duration_minutes:
        fixed = link.limits.duration_minutes
        return replace(settings, duration_minutes=fixed, more_durations_minutes=())
    return settings


def may_move(owner: page.State, by: Party) -> bool:
    """Tell whether meetings may be moved: by the attendee only while the page is published."""
    return page.is_allowed(owner) if by == "organizer" else page.is_open(owner)
