"""The page of a booking that waits for its address to be proven or for an answer, or got a no."""

from dataclasses import dataclass
from typing import ClassVar

from starlette.responses import Response

from services.booking.domain import booking
from services.booking.parts import Parts
from services.booking.web.attendee.booking_visit import BookingVisit
from services.booking.web.attendee.meeting import MeetingWords
from services.booking.web.responses import BOOKED, page

Shown = booking.Unverified | booking.Requested | booking.Declined


@dataclass(frozen=True, slots=True, kw_only=True)
class UnconfirmedPage:
    """`stage` is the key of what is said; `until` when that ends; `pending` another time."""

    TEMPLATE: ClassVar[str] = "unconfirmed.html"

    stage: str
    meeting: MeetingWords
    when: str
    zone: str
    email: str
    booked_by: str
    until: str
    pending: str
    move: str | None
    cancel: str | None
    again: str | None
    manage: str | None


def show(parts: Parts, visited: BookingVisit) -> Response:
    """Return the page: what is waited for and until when, or how it has ended."""
    view, visit = visited.view, visited.visit
    deadline, attendee = view.answer_by or view.verify_by, view.attendee
    is_open = view.status in ("requested", "unverified")
    may_move = view.status == "requested" and visited.context.page_open
    move = view.pending_move
    content = UnconfirmedPage(
        stage=stage_of(view.status, view.decline_reason),
        meeting=visited.meeting(booked=False),
        when=visited.when,
        zone=visited.zone,
        email=attendee.email if attendee else "",
        booked_by=f"{attendee.name} ({attendee.email})" if attendee else "",
        until=visited.clock.moment(deadline) if deadline and is_open else "",
        pending=visited.clock.when(move.slot.start, move.slot.end) if move else "",
        move=visit.link(f"{visited.path}/move") if may_move and not visited.is_too_late else None,
        cancel=visit.link(f"{visited.path}/cancel") if is_open else None,
        again=visited.way_back and visit.link(visited.way_back),
        manage=parts.tokens.manage_url(view.id) if visit.framed and is_open else None,
    )
    was_asked_here = is_open and visit.query.get("said") == BOOKED
    frame_origins = visited.frame_origins if was_asked_here else ()
    return page(visit, content, here=visited.path, frame_origins=frame_origins)


def stage_of(status: booking.Status, reason: booking.DeclineReason | None) -> str:
    """Return the key of what the page says."""
    match status:
        case "requested" | "unverified":
            return status
        case "declined" | "cancelled":
            return f"ended.{reason}"
        case _:
            return "ended.released"
