"""Bookings as lines of a list: when, with whom, what, and how it stands."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.booking.bookings.views import BookingView
from services.booking.domain import booking
from services.booking.web.organizer.desk import HOME, Desk
from services.chassis.web.clock import Clock
from services.chassis.web.plain_text import one_line

BOOKINGS = f"{HOME}/bookings"

Tone = Literal["", "good", "warning", "danger", "accent"]
_TONES: Mapping[booking.Status, Tone] = {
    "confirmed": "good",
    "requested": "warning",
    "unverified": "",
    "held": "",
    "declined": "danger",
    "cancelled": "danger",
    "released": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a booking stands: the key of its words, and their tone."""

    words: str
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingLine:
    """A booking in a list; `wanted` is the new time that its attendee asks for.

    `unreached` is whether a party could not be mailed.
    """

    id: str
    href: str
    when: str
    time: str
    who: str
    email: str
    title: str
    standing: Standing
    wanted: str
    unreached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfBookings:
    """A day with its bookings in their order, and where several of them are cancelled."""

    words: str
    cancel: str
    lines: Sequence[BookingLine]


def path_of(view: BookingView) -> str:
    """Return the address of the booking's page."""
    return f"{BOOKINGS}/{view.id}"


def standing(view: BookingView) -> Standing:
    """Return how the booking stands."""
    if awaits_answer(view) and view.status == "confirmed":
        return Standing(words="bookings.status.move_requested", tone="warning")
    if view.asked_to_move and view.status == "confirmed":
        return Standing(words="bookings.status.asked_to_move", tone="accent")
    return Standing(words=f"bookings.status.{view.status}", tone=_TONES[view.status])


def awaits_answer(view: BookingView) -> bool:
    """Tell whether the organizer has to answer: to a request, or to a new time."""
    move = view.pending_move
    return view.status == "requested" or (move is not None and move.awaits_approval)


def who(view: BookingView, desk: Desk) -> str:
    """Return whose booking it is; the name is gone once they are erased."""
    if view.attendee is None:
        nobody = "bookings.held" if view.status in ("held", "released") else "bookings.erased"
        return desk.visit.reader.language.say(nobody)
    return one_line(view.attendee.name, 120)


def line_of(
    view: BookingView, desk: Desk, clock: Clock, *, unreached: Collection[UUID] = ()
) -> BookingLine:
    """Return the booking as a line; `unreached` are those of which a party could not be mailed."""
    move, slot = view.pending_move, view.slot
    wanted = move.slot if move and move.awaits_approval else None
    return BookingLine(
        id=str(view.id),
        href=desk.link(path_of(view)),
        when=clock.when(slot.start, slot.end),
        time=clock.span(slot.start, slot.end),
        who=who(view, desk),
        email=view.attendee.email if view.attendee else "",
        title=one_line(view.title, 120),
        standing=standing(view),
        wanted=clock.when(wanted.start, wanted.end) if wanted else "",
        unreached=view.id in unreached,
    )


def by_day(
    views: Sequence[BookingView], desk: Desk, clock: Clock, unreached: Collection[UUID]
) -> Sequence[DayOfBookings]:
    """Return the bookings by the day on which they begin, in their order."""
    days: dict[date, list[BookingLine]] = {}
    for view in views:
        day = view.slot.start.astimezone(clock.zone).date()
        days.setdefault(day, []).append(line_of(view, desk, clock, unreached=unreached))
    today = datetime.now(clock.zone).date()
    return [
        DayOfBookings(
            words=clock.day_near(day, today),
            cancel=desk.link(f"{BOOKINGS}/cancel-several", day=day.isoformat()),
            lines=lines,
        )
        for day, lines in days.items()
    ]
