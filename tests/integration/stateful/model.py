"""What the store should hold: one organizer's bookings, types and links, kept in the plainest way.

`status` and `move` are what the log says; what a deadline has ended is written only once a timer,
or somebody who wants the time, has come by. `is_live` is what a caller is told at that moment.
"""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from services.booking.domain.meeting_type import Settings
from services.booking.domain.slot import Party

ENDED = ("declined", "cancelled", "released")


@dataclass
class Move:
    """A new time that is not agreed yet."""

    start: datetime
    expires_at: datetime
    by: Party
    awaits_approval: bool = False


@dataclass
class Booking:
    """One booking; `expires_at` is the deadline of the hold, the proof or the answer."""

    kind: str
    link: int | None
    start: datetime
    minutes: int
    created_at: datetime
    expires_at: datetime
    held_settings: Settings | None
    status: str = "held"
    reason: str = ""
    email: str = ""
    is_verified: bool = False
    is_extended: bool = False
    move: Move | None = None
    asked_to_move: bool = False
    sequence: int = 0
    # What availability was asked, in this order: the start, and whether the booking is to move.
    requests: list[tuple[datetime, bool]] = field(default_factory=list)

    def is_over(self, now: datetime) -> bool:
        """Tell whether its deadline has passed, whether or not that is written."""
        return self.status in ("held", "unverified", "requested") and now >= self.expires_at

    def pending(self, now: datetime) -> Move | None:
        """Return the move, while it may still be made."""
        return self.move if self.move and now < self.move.expires_at else None

    def end(self, status: str, reason: str) -> None:
        """End it; nothing is pending any more."""
        self.status, self.reason, self.move = status, reason, None


@dataclass
class Kind:
    """A meeting type."""

    settings: Settings
    is_deleted: bool = False


@dataclass
class Link:
    """A private link; `held` are the bookings that have a use which is not consumed."""

    kind: str
    max_uses: int
    expires_at: datetime
    ended: str = ""
    held: set[int] = field(default_factory=set)
    consumed: set[int] = field(default_factory=set)

    def end_reason(self, now: datetime) -> str:
        """Return why it gives no use any more."""
        if self.ended or len(self.consumed) == self.max_uses:
            return self.ended or "consumed"
        return "ttl" if now >= self.expires_at else ""

    def is_used_up_by_others(self, booking: int) -> bool:
        """Tell whether each use was consumed by another booking."""
        return booking not in self.consumed and len(self.consumed) == self.max_uses

    def is_closed_to(self, booking: int) -> bool:
        """Tell whether a use that the booking holds cannot be consumed any more."""
        if booking in self.consumed:
            return False
        withdrawn = ("revoked", "type_deleted", "type_made_public")
        return self.is_used_up_by_others(booking) or self.ended in withdrawn


@dataclass(order=True)
class Due:
    """What a timer will do that is not the end of a deadline: who lost their time or their link."""

    at: datetime
    what: str
    of: int


@dataclass
class Model:
    """Everything of one organizer."""

    now: datetime
    hold: timedelta
    prove_within: timedelta
    kinds: dict[str, Kind] = field(default_factory=dict)
    links: dict[int, Link] = field(default_factory=dict)
    bookings: dict[int, Booking] = field(default_factory=dict)
    verdicts: dict[tuple[int, datetime], bool] = field(default_factory=dict)
    due: list[Due] = field(default_factory=list)
    is_allowed: bool = True
    is_published: bool = True

    def copy(self) -> Self:
        """Return one that goes its own way from here."""
        return deepcopy(self)

    def is_open(self, by: Party) -> bool:
        """Tell whether the page lets that party book and move."""
        return self.is_allowed and (by == "organizer" or self.is_published)

    def may_be_booked(self, kind: str, by: Party) -> bool:
        """Tell whether the type is offered to that party."""
        offered = self.kinds[kind]
        return not offered.is_deleted and offered.settings.enabled and self.is_open(by)

    def settings_of(self, booking: Booking) -> Settings:
        """Return the rules that the booking follows now."""
        return self.kinds[booking.kind].settings

    def claims(self, *, live: bool) -> list[tuple[int, datetime, datetime]]:
        """Return who has which time; those of deadlines that have passed only if not `live`."""
        found = []
        for number, each in self.bookings.items():
            length = timedelta(minutes=each.minutes)
            if each.status in ("held", "requested", "confirmed") and not (
                live and each.is_over(self.now)
            ):
                found.append((number, each.start, each.start + length))
            if (move := each.pending(self.now) if live else each.move) is not None:
                found.append((number, move.start, move.start + length))
        return found

    def takers(
        self, start: datetime, minutes: int, besides: int | None, *, live: bool = True
    ) -> set[tuple[int, datetime]]:
        """Return the bookings that have any part of the time, with the start of what they have."""
        end = start + timedelta(minutes=minutes)
        return {
            (number, begins)
            for number, begins, ends in self.claims(live=live)
            if number != besides and begins < end and start < ends
        }

    def at(self, start: datetime, *, live: bool = True) -> list[int]:
        """Return the bookings that have the minute of the start."""
        return [number for number, begins, ends in self.claims(live=live) if begins <= start < ends]

    def limit_reached(self, kind: str, start: datetime, besides: int | None) -> bool:
        """Tell whether the day or the week of the start is full (the organizer's zone is UTC)."""
        settings, day = self.kinds[kind].settings, start.date()
        others = {
            (number, begins.date())
            for number, begins, _ in self.claims(live=True)
            if number != besides and self.bookings[number].kind == kind
        }
        days = {number for number, on in others if on == day}
        weeks = {number for number, on in others if on.isocalendar()[:2] == day.isocalendar()[:2]}
        per_day, per_week = settings.max_per_day, settings.max_per_week
        return (per_day is not None and len(days) >= per_day) or (
            per_week is not None and len(weeks) >= per_week
        )

    def has_too_many(self, booking: int, email: str) -> bool:
        """Tell whether the address has as many bookings to come as the booking's type lets it."""
        most = self.settings_of(self.bookings[booking]).max_active_per_attendee
        others = [
            each
            for number, each in self.bookings.items()
            if number != booking
            and each.email == email
            and each.status in ("requested", "confirmed")
            and each.start + timedelta(minutes=each.minutes) > self.now
        ]
        return most is not None and len(others) >= most

    def end(self, booking: int, status: str, reason: str) -> None:
        """End the booking; its link has the use back."""
        each = self.bookings[booking]
        each.end(status, reason)
        if status != "cancelled" or reason == "withdrawn":
            self.give_back(booking)

    def give_back(self, booking: int) -> None:
        """Give the use back, if it is not consumed."""
        link = self.bookings[booking].link
        if link is not None:
            self.links[link].held.discard(booking)

    def settle(self, booking: int) -> None:
        """Write what its deadlines have ended."""
        each = self.bookings[booking]
        if each.is_over(self.now):
            self.end(booking, "declined" if each.status == "requested" else "released", "timeout")
        elif each.move and not each.pending(self.now):
            each.move = None

    def keep(self, booking: int) -> None:
        """Note who has lost their time to a booking that is kept from now on."""
        each = self.bookings[booking]
        end = each.start + timedelta(minutes=each.minutes)
        for number, other in self.bookings.items():
            if other.status == "unverified" and number != booking:
                ends = other.start + timedelta(minutes=other.minutes)
                if other.start < end and each.start < ends:
                    self.due.append(Due(self.now, "taken", number))

    def end_link(self, link: int, reason: str) -> None:
        """End the link once; whoever holds a time with it is released soon."""
        each = self.links[link]
        if each.ended:
            return
        each.ended = "ttl" if self.now >= each.expires_at and reason != "consumed" else reason
        if each.ended != "ttl":
            self.due.append(Due(self.now, "link_holds", link))

    def consume(self, booking: int) -> None:
        """Use the booking's link up by one; the last use ends it."""
        number = self.bookings[booking].link
        if number is None:
            return
        link = self.links[number]
        link.held.discard(booking)
        link.consumed.add(booking)
        if not link.ended and self.now >= link.expires_at:
            link.ended = "ttl"
        elif len(link.consumed) == link.max_uses:
            self.end_link(number, "consumed")
