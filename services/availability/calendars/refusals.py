"""What is refused about calendars, in words for their organizer."""

from collections.abc import Mapping

from services.availability.calendars.port import BrokenReason
from services.availability.domain.refusals import Refusal

MOST_CALENDARS = 10
_WORDS: Mapping[BrokenReason, str] = {
    "unreachable": "The server does not answer; check the address, or try again later.",
    "sign_in_refused": "The server refuses the user name and password; many need an app password.",
    "not_found": "There is no calendar at this address.",
    "forbidden": "The server does not let you use this calendar.",
    "unreadable": "What is at this address is not a calendar.",
    "too_large": "The calendar is too large to be read.",
    "address_not_allowed": "This address is inside a private network, which is not allowed here.",
}


class CalendarNotFound(Refusal):
    """There is no such calendar, or it is somebody else's."""

    def __init__(self) -> None:
        super().__init__("There is no such calendar.")


class TooManyCalendars(Refusal):
    """No more calendars can be connected."""

    def __init__(self) -> None:
        super().__init__(
            f"At most {MOST_CALENDARS} calendars can be connected; disconnect one first."
        )


class NotWritable(Refusal):
    """Bookings cannot be written into such a calendar."""

    def __init__(self) -> None:
        super().__init__("Bookings cannot be written into a calendar of this kind.")


class CalendarChanged(Refusal):
    """Somebody else has changed the calendar meanwhile."""

    def __init__(self) -> None:
        super().__init__("The calendar was changed meanwhile: read it again.")


class CannotRead(Refusal):
    """The calendar cannot be read, so it is not connected."""

    def __init__(self, reason: BrokenReason, retry_after: float | None = None) -> None:
        super().__init__(_WORDS[reason])
        self.reason = reason
        self.retry_after = retry_after
