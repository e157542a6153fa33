"""What may be booked and moved: a meeting type together with its organizer's page."""

from services.booking.domain import meeting_type, page
from services.booking.domain.refusals import LinkSuspended, NotAvailable, NotFound
from services.booking.domain.slot import Party


def is_offered(offered: meeting_type.State, owner: page.State, by: Party = "attendee") -> bool:
    """Tell whether the type exists and may be booked: by attendees while its page is open."""
    return isinstance(offered, meeting_type.MeetingType) and may_move(owner, by)


def bookable_settings(
    offered: meeting_type.State, owner: page.State, *, by: Party, has_link: bool
) -> meeting_type.Settings:
    """Return the settings of a type that may be booked.

    Raises:
        NotFound: there is no such type; a private one hides from attendees without its link.
        LinkSuspended: the page is off, and a link leads to it.
        NotAvailable: the page is off.
    """
    if not isinstance(offered, meeting_type.MeetingType):
        raise NotFound("meeting type")
    if offered.settings.visibility == "private" and not has_link and by == "attendee":
        raise NotFound("meeting type")
    if not may_move(owner, by):
        raise LinkSuspended if has_link else NotAvailable
    return offered.settings


def may_move(owner: page.State, by: Party) -> bool:
    """Tell whether meetings may be moved: by the attendee only while the page is published."""
    return page.is_allowed(owner) if by == "organizer" else page.is_open(owner)
