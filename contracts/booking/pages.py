"""An organizer's page: its settings, whether it is published, whether the policy allows it."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts.booking.organizer import OfOrganizer
from contracts.booking.weekly_hours import WeeklyHours
from contracts.values import Id, Instant, Locale, Rule, ZoneName


class OfPage(OfOrganizer):
    """An event about an organizer's page, which has its organizer's id."""

    SUBJECT: ClassVar[str] = "organizer_id"


class WholePage(OfPage):
    """A page as it is after the event."""

    handle: str
    display_name: str
    email: str
    time_zone: ZoneName
    locale: Locale
    time_zone_locked: bool


class PageCreated(WholePage):
    """An organizer has a page now. It is not open before it is published and allowed."""

    TYPE = "io.bookwith.booking.PageCreated.v1"


class PageChanged(WholePage):
    """The page's settings have changed; the body is the whole page."""

    TYPE = "io.bookwith.booking.PageChanged.v1"


class PagePublished(OfPage):
    """The organizer has turned the page on."""

    TYPE = "io.bookwith.booking.PagePublished.v1"


class PageUnpublished(OfPage):
    """The organizer has turned the page off."""

    TYPE = "io.bookwith.booking.PageUnpublished.v1"


class PageAddressRenewed(OfPage):
    """The page has a new address; the old one is dead, or leads to the new one for a while."""

    TYPE = "io.bookwith.booking.PageAddressRenewed.v1"

    handle: str
    forwards_until: Instant | None = Field(
        default=None, description="Until when the old address leads to the new one."
    )


class PageOnlineMeetingChanged(OfPage):
    """What is booked through the page gets an online meeting from now on, or no longer."""

    TYPE = "io.bookwith.booking.PageOnlineMeetingChanged.v1"

    provider: Literal["teams", "jitsi", "url"]
    url_template: str
    enabled: bool


class PageRegularHoursChanged(OfPage):
    """The organizer's regular hours: those of all meeting types whose `hours` are `calendar`.

    Before the first one they are Monday to Friday, 09:00 to 17:00.
    """

    TYPE = "io.bookwith.booking.PageRegularHoursChanged.v1"

    weekly_hours: WeeklyHours


class PageEmailRequested(OfPage):
    """The organizer wants another mail address on the page; a link that proves it is mailed there.

    The address is in no event before it is proven: the letter's recipient is `request_id` on
    `booking.attendees.v1`.
    """

    TYPE = "io.bookwith.booking.PageEmailRequested.v1"

    request_id: Id
    expires_at: Instant


class PageEmailRequestEnded(OfPage):
    """The mailed link proves nothing any more; when it was opened, PageChanged has the address."""

    TYPE = "io.bookwith.booking.PageEmailRequestEnded.v1"

    request_id: Id
    reason: Annotated[
        str,
        Field(
            description="Why, as a word. New words may come.",
            examples=["proven", "withdrawn", "expired", "replaced"],
        ),
    ]
    ended_at: Instant


class PageAllowed(OfPage):
    """The administrators' policy allows the page."""

    TYPE = "io.bookwith.booking.PageAllowed.v1"


class PageDenied(OfPage):
    """The administrators' policy denies the page."""

    TYPE = "io.bookwith.booking.PageDenied.v1"

    rule: Rule
