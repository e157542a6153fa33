"""The online meeting that a page adds to everything that is booked through it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.booking.domain.location import Location, Online, join_url, template_faults
from services.booking.domain.refusals import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlineMeeting:
    """How the meetings are joined, and whether bookings get one: the page's one switch."""

    provider: Literal["teams", "jitsi", "url"]
    url_template: str
    enabled: bool = True


def online_meeting_faults(meeting: OnlineMeeting) -> Iterator[Fault]:
    """Yield what is wrong with the online meeting."""
    yield from template_faults("/url_template", meeting.provider, meeting.url_template)


def meeting_url(location: Location, added: OnlineMeeting | None, booking_id: UUID) -> str | None:
    """Return where the booking is joined: its own online place, or the page's online meeting."""
    own = join_url(location, booking_id)
    if own or added is None or not added.enabled:
        return own
    return join_url(Online(added.provider, added.url_template), booking_id)
