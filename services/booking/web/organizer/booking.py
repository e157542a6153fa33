"""The page of one booking: who, when, where, how it stands, what can be done, what happened."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.bookings.api import calendar_file_response
from services.booking.domain import booking
from services.booking.domain.refusals import NotAvailable, SlotNotOffered, StateConflict
from services.booking.history.views import view_history
from services.booking.web.attendee.booking import NotMoved
from services.booking.web.attendee.meeting import MeetingWords
from services.booking.web.organizer.booking_lines import BOOKINGS, Standing, awaits_answer, standing
from services.booking.web.organizer.desk import READ, Desk, desk_of
from services.booking.web.organizer.history_words import HistoryLine, history_line
from services.booking.web.organizer.mail_lines import MailsPart, mails_part
from services.booking.web.organizer.own_booking import OwnBooking, own_booking
from services.booking.web.organizer.refused import reasons_against_time
from services.chassis.http.instants import instant_of
from services.chassis.web.plain_text import one_line

LOOK_AGAIN_SECONDS = 4

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAnswer:
    """What the organizer has to answer, the forms that do, and the other meetings of that day."""

    wanted: str
    until: str
    approve: str
    approve_key: str
    decline: str
    decline_key: str
    reason: str
    around: Sequence[tuple[str, str, str]]
    day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerGiven:
    """What the attendee said to a question; None and True are words of ours."""

    label: str
    value: str
    is_checked: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingPage:
    """A booking as its organizer sees it; an address that is empty leads nowhere now."""

    TEMPLATE: ClassVar[str] = "organizer/booking.html"

    who: str
    email: str
    meeting: MeetingWords
    standing: Standing
    when: str
    zone: str
    theirs: str
    answers: Sequence[AnswerGiven]
    asked: AskedAnswer | None
    checking: str
    not_moved: NotMoved | None
    problem: Sequence[str]
    done: str | None
    move: str
    cancel: str
    ask: str
    edit: str
    file: str
    steps: str
    back: str
    here: str
    history: Sequence[HistoryLine]
    mails: MailsPart | None


@routes.api_route(f"{BOOKINGS}/{{booking_id}}", methods=READ)
async def show(request: Request, booking_id: str) -> Response:
    desk = await desk_of(request)
    return await booking_page(await own_booking(desk, booking_id))


@routes.api_route(f"{BOOKINGS}/{{booking_id}}/invite.ics", methods=READ)
async def calendar_file(request: Request, booking_id: str) -> Response:
    own = await own_booking(await desk_of(request), booking_id)
    file = await own.desk.parts.bookings.calendar_file(own.id, "organizer")
    response = calendar_file_response(file)
    response.headers["Cache-Control"] = "no-store"
    return response


async def booking_page(
    own: OwnBooking, *, problem: Sequence[str] = (), reason: str = "", status: int = 200
) -> Response:
    """Return the page; `problem` is why something was not done, `reason` what was typed."""
    desk, view = own.desk, own.view
    entries, mails = await asyncio.gather(
        desk.parts.transactions.read(lambda c: view_history(c, own.id)), mails_part(own)
    )
    is_open = isinstance(view.state, booking.Confirmed) and not own.has_begun
    may_change = is_open or view.status == "requested"
    move = view.pending_move
    checking = move is not None and not move.awaits_approval
    content = BookingPage(
        who=own.who,
        email=view.attendee.email if view.attendee else "",
        meeting=own.meeting,
        standing=standing(view),
        when=own.when,
        zone=own.zone,
        theirs=own.when_for_attendee,
        answers=_answers(own),
        asked=await _asked(own, reason) if awaits_answer(view) else None,
        checking=own.clock.when(move.slot.start, move.slot.end) if move and checking else "",
        not_moved=await _not_moved(own),
        problem=problem,
        done=desk.done,
        move=own.link("/move") if may_change else "",
        cancel=own.link("/cancel") if isinstance(view.state, booking.Confirmed) else "",
        ask=own.link("/ask") if is_open and not view.asked_to_move else "",
        edit=own.link("/details") if may_change and view.attendee else "",
        file=own.link("/invite.ics") if is_open else "",
        steps=own.link("/steps"),
        back=desk.link(BOOKINGS),
        here=own.link(),
        history=[history_line(entry, own.clock) for entry in entries],
        mails=mails,
    )
    response = desk.show(content, "bookings", status=status, here=own.path)
    if checking and status == 200:
        again = own.link(moving=desk.visit.query.get("moving"))
        response.headers["Refresh"] = f"{LOOK_AGAIN_SECONDS};url={again}"
    return response


async def _asked(own: OwnBooking, reason: str) -> AskedAnswer:
    view, clock, move = own.view, own.clock, own.view.pending_move
    wanted = move.slot if move and move.awaits_approval else view.slot
    until = move.expires_at if move and move.awaits_approval else view.answer_by
    around = await own.desk.parts.answers.day_around(replace(view, slot=wanted))
    return AskedAnswer(
        wanted=clock.when(wanted.start, wanted.end),
        until=clock.moment(until) if until else "",
        approve=own.link("/approve"),
        approve_key=own.key("approve"),
        decline=own.link("/decline"),
        decline_key=own.key("decline"),
        reason=reason or _typed_before(own.desk),
        around=[
            (
                clock.span(each.slot.start, each.slot.end),
                one_line(each.title, 120),
                standing(each).words,
            )
            for each in around
        ],
        day=clock.date_at(wanted.start),
    )


def _typed_before(desk: Desk) -> str:
    return (desk.typed_before() or {}).get("reason", "")


def _answers(own: OwnBooking) -> Sequence[AnswerGiven]:
    attendee = own.view.attendee
    return [
        AnswerGiven(
            label=one_line(each.label or "", 200),
            value="" if isinstance(each.value, bool) else each.value,
            is_checked=each.value if isinstance(each.value, bool) else None,
        )
        for each in (attendee.answers if attendee else ())
    ]


async def _not_moved(own: OwnBooking) -> NotMoved | None:
    """Return why the meeting was not moved to the time that the address names."""
    start, view = instant_of(own.desk.visit.query.get("moving", "")), own.view
    if start is None:
        return None
    refusal = booking.why_not_moved(view.state, view.slot.starting_at(start), view.at)
    match refusal:
        case None:
            return None
        case SlotNotOffered():
            rejected_for = await own.desk.parts.bookings.rejected_for(own.id, start)
            words = reasons_against_time(own.desk.visit, SlotNotOffered(rejected_for))
        case NotAvailable():
            words = ["refused.off"]
        case StateConflict():
            words = ["refused.replaced"]
        case _:
            words = ["refused.hold_over"]
    return NotMoved(when=own.clock.moment(start), words=words)
