"""What booking refuses, each with a sentence for the user; problems.py maps classes to statuses."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.booking.domain.periods import Period

EndReason = Literal["ttl", "consumed", "revoked", "type_deleted", "type_made_public"]

_ENDINGS: dict[EndReason, str] = {
    "ttl": "This link has expired. Ask for a new one.",
    "consumed": "This link has been used. Ask for a new one.",
    "revoked": "This link has been withdrawn. Ask for a new one.",
    "type_deleted": "The meeting that this link was for is no longer offered.",
    "type_made_public": "This meeting no longer needs a link; look for it on the public page.",
}


# The rules that availability names, and those that are seen here before it is asked.
_NOT_OFFERED = {
    "calendar_known": "what is in the organizer's calendar cannot be known right now",
    "free": "the organizer is not free then",
    "horizon": "it is too far ahead",
    "in_the_past": "it has passed",
    "inside_hours": "it is outside the hours for this meeting",
    "max_per_day": "there are no more meetings of this kind on that day",
    "max_per_week": "there are no more meetings of this kind in that week",
    "minimum_lead": "it is too soon",
    "on_grid": "this meeting does not start at that minute",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with what was sent: a JSON pointer to it, and a sentence that helps."""

    pointer: str
    detail: str


class Refusal(Exception):
    """A rule forbids the command; its text is a sentence for the caller."""


class Invalid(Refusal):
    """What was sent cannot be taken as it is; every fault is named at once."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(" ".join(fault.detail for fault in faults))
        self.faults = faults

    @classmethod
    def at(cls, pointer: str, detail: str) -> "Invalid":
        """Return the refusal of a single field."""
        return cls((Fault(pointer, detail),))


def refuse_if_any(faults: Iterable[Fault]) -> None:
    """Raise Invalid with all the faults, if there is one."""
    if found := tuple(faults):
        raise Invalid(found)


class NotFound(Refusal):
    """There is no such resource, or none that the caller may know of."""

    def __init__(self, what: str, detail: str = "") -> None:
        super().__init__(detail or f"There is no such {what}.")
        self.what = what


class PageMissing(NotFound):
    """The organizer has no page yet; what they asked for needs one."""

    def __init__(self) -> None:
        super().__init__("page", "You have no page yet. Make one: PUT /api/booking/v1/page.")


class NotAvailable(Refusal):
    """The page is unknown, unpublished or denied; the caller does not learn which."""

    def __init__(self) -> None:
        super().__init__("This page is not available right now.")


class LinkSuspended(NotAvailable):
    """A private link whose page or type is off: it works again with it, until its deadline."""


class MembersOnly(Refusal):
    """Only members of the organization may book this, and the caller is not signed in."""

    def __init__(self) -> None:
        super().__init__(
            "Only members of the organization can book this meeting. Sign in, then book."
        )


class LinkNotYet(LinkSuspended):
    """A private link that may be used from a moment that has not come yet."""

    def __init__(self, opening: datetime) -> None:
        Refusal.__init__(
            self, f"This link can be used from {opening:%Y-%m-%d %H:%M} UTC. Come back then."
        )
        self.opening = opening


class SlotTaken(Refusal):
    """Somebody else has the time."""

    def __init__(self) -> None:
        super().__init__("That time was just taken. Please pick another one.")


class OfferedTimesTaken(SlotTaken):
    """Somebody has some of the times that are to be offered; `places` are theirs in the list."""

    def __init__(self, places: tuple[int, ...]) -> None:
        Refusal.__init__(self, "Somebody has one of these times already. Offer another one.")
        self.places = places


class SlotNotOffered(Refusal):
    """The time is not one that the organizer offers; `reasons` are the names of the rules.

    `full` is the day or week that takes no more meetings, where that is the reason.
    """

    def __init__(self, reasons: tuple[str, ...] = (), full: Period | None = None) -> None:
        because = ", and ".join(_NOT_OFFERED[rule] for rule in reasons if rule in _NOT_OFFERED)
        super().__init__(
            f"That time is not offered{because and ': '}{because}. Please pick another one."
        )
        self.reasons = reasons
        self.full = full


class CalendarSilent(Refusal):
    """Nobody knows whether the times are free: availability does not answer."""

    def __init__(self) -> None:
        super().__init__("Your calendar does not answer right now. Try again in a moment.")


class HoldOver(Refusal):
    """The time was held for the visitor, but not any more."""

    def __init__(self) -> None:
        super().__init__("The time is no longer held for you. Please pick a time again.")


class VerdictPending(Refusal):
    """The organizer's calendar has not answered yet; the hold stands meanwhile."""

    def __init__(self) -> None:
        super().__init__("The organizer's calendar is still being checked. Confirm again shortly.")


class LinkEnded(Refusal):
    """The private link gives no booking any more; `reason` says why."""

    def __init__(self, reason: EndReason) -> None:
        super().__init__(_ENDINGS[reason])
        self.reason = reason


class HeldDataLinkEnded(Refusal):
    """The mailed link to one's own data is over: its time is, or a newer one was asked for."""

    def __init__(self) -> None:
        super().__init__("This link no longer works. Ask for a new one to be mailed to you.")


class EmailLinkEnded(Refusal):
    """The mailed link that proves an organizer's address is over: used, replaced or too old."""

    def __init__(self) -> None:
        super().__init__("This link no longer works. Ask for a new one on the page's settings.")


class LinkInUse(Refusal):
    """So many hold the last use of the link, unconfirmed, that no more may share it."""

    def __init__(self) -> None:
        super().__init__("Somebody else is booking with this link right now. Try again shortly.")


class ChangeTooLate(Refusal):
    """The attendee may not change the booking any more; only the organizer may."""

    def __init__(self, until: datetime) -> None:
        super().__init__(
            f"This booking could be changed until {until:%Y-%m-%d %H:%M} UTC."
            " Please contact the organizer."
        )
        self.until = until


class StateConflict(Refusal):
    """The command does not fit the current state."""


class RequestOver(StateConflict):
    """The request was not answered before its deadline."""

    def __init__(self) -> None:
        super().__init__("This request was not answered in time; its time is free again.")


class TooManyBookings(StateConflict):
    """The attendee has as many bookings to come with the organizer as they may have."""

    def __init__(self) -> None:
        super().__init__(
            "You have as many bookings to come with this organizer as you may have. "
            "Cancel one of them to have another one."
        )
