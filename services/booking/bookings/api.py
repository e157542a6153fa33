"""The API of bookings: reserve, confirm, approve, release, move, cancel, look."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from contracts.problem_types import FORBIDDEN
from services.booking.bookings.answer_schemas import AskBody, DeclineBody, DetailsPatch
from services.booking.bookings.context import load_bookings
from services.booking.bookings.outcomes import Done, Outcome, Pending, TimeRefused
from services.booking.bookings.records import bookings_of
from services.booking.bookings.reservation import Reservation
from services.booking.bookings.schemas import (
    BookingBody,
    BookingResponse,
    CancelBody,
    ConfirmBody,
    MoveBody,
    Status,
    attendee_of,
    booking_response,
)
from services.booking.bookings.views import BookingView, view_of
from services.booking.documentation import LINK_TOKEN, MANAGE_TOKEN, PENDING, VERIFY_TOKEN
from services.booking.domain.slot import Party
from services.booking.headers import IfMatch, Limit, Prefer, wants_to_wait
from services.booking.history.views import view_at
from services.booking.parts import Parts, parts_of
from services.booking.problems import problem_of
from services.chassis.http.conditional import tagged, version_if_named
from services.chassis.http.documentation import BEARER
from services.chassis.http.instants import Instant
from services.chassis.http.listing import ListPage, cursor_of, list_page, minted_id
from services.chassis.http.problems import Problem
from services.chassis.http.routing import ApiRoute
from services.chassis.postgres.database import Connection

SHOWN_STATUSES: tuple[Status, ...] = ("confirmed", "requested", "declined", "cancelled")

routes = APIRouter(prefix="/api/booking/v1", route_class=ApiRoute, tags=["bookings"])
OF_CALLER = [BEARER, MANAGE_TOKEN]


@routes.post(
    "/bookings",
    status_code=201,
    response_model=BookingResponse,
    responses=PENDING,
    dependencies=[LINK_TOKEN],
)
async def create_booking(request: Request, body: BookingBody, prefer: Prefer = None) -> Response:
    parts = parts_of(request)
    asked = Reservation(
        booking_id=minted_id(request),
        meeting_type_id=body.meeting_type_id,
        start=body.start,
        link_id=parts.callers.shown_link(request),
        signed_in=await parts.callers.signed_in(request),
        duration_minutes=body.duration_minutes,
    )
    attendee = (
        attendee_of(body.attendee, body.answers, body.location_index) if body.attendee else None
    )
    outcome = await parts.bookings.book(asked, attendee, wait=wants_to_wait(prefer))
    by: Party = "attendee"
    if not isinstance(outcome, TimeRefused):
        by = asked.party(outcome.view.organizer_id)
    return _answer(parts, outcome, by, 201)


@routes.get("/bookings", dependencies=OF_CALLER)
async def list_bookings(
    request: Request,
    status: Annotated[list[Status] | None, Query()] = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> ListPage[BookingResponse]:
    parts = parts_of(request)
    managed = parts.callers.managed_booking(request)
    if managed is not None:
        view = await parts.bookings.view(managed)
        return _list(parts, [view] if not status or view.status in status else [], 1, "attendee")
    organizer = await parts.callers.organizer(request)
    statuses, after = status or SHOWN_STATUSES, cursor_of(cursor)

    async def work(connection: Connection) -> Sequence[BookingView]:
        ids = await bookings_of(connection, organizer.id, statuses, after, limit + 1)
        return [view_of(context) for context in await load_bookings(connection, ids)]

    return _list(parts, await parts.transactions.read(work), limit, "organizer")


@routes.get("/bookings/{booking_id}", response_model=BookingResponse, dependencies=OF_CALLER)
async def show(request: Request, booking_id: str, as_of: Instant | None = None) -> Response:
    parts = parts_of(request)
    caller = await parts.callers.of_booking(request, booking_id)
    if as_of is not None:
        then = await parts.transactions.read(lambda c: view_at(c, caller.booking_id, as_of))
        return _answer(parts, Done(then), caller.by)
    view = await parts.bookings.view(caller.booking_id)
    if caller.by == "attendee" or view.status != "requested":
        return _answer(parts, Done(view), caller.by)
    around = await parts.answers.day_around(view)
    response = booking_response(view, parts.tokens, to="organizer", day_around=around)
    return tagged(response, view.version)


@routes.patch("/bookings/{booking_id}", response_model=BookingResponse, dependencies=OF_CALLER)
async def edit_details(
    request: Request, booking_id: str, body: DetailsPatch, if_match: IfMatch = None
) -> Response:
    parts = parts_of(request)
    caller = await parts.callers.of_booking(request, booking_id)
    edit, expected = body.edit(), version_if_named(if_match)
    view = await parts.answers.edit_details(caller.booking_id, edit, caller.by, expected)
    return _answer(parts, Done(view), caller.by)


@routes.get(
    "/bookings/{booking_id}/invite.ics",
    response_class=Response,
    responses={200: {"content": {"text/calendar": {"schema": {"type": "string"}}}}},
    dependencies=OF_CALLER,
)
async def invite(request: Request, booking_id: str) -> Response:
    parts = parts_of(request)
    caller = await parts.callers.of_booking(request, booking_id)
    return calendar_file_response(await parts.bookings.calendar_file(caller.booking_id, caller.by))


@routes.post(
    "/bookings/{booking_id}/confirm",
    response_model=BookingResponse,
    responses=PENDING,
    dependencies=OF_CALLER,
)
async def confirm(
    request: Request, booking_id: str, body: ConfirmBody, prefer: Prefer = None
) -> Response:
    parts = parts_of(request)
    caller = await parts.callers.of_booking(request, booking_id)
    attendee = attendee_of(body.attendee, body.answers, body.location_index)
    outcome = await parts.bookings.confirm(
        caller.booking_id, attendee, caller.by, wait=wants_to_wait(prefer)
    )
    return _answer(parts, outcome, caller.by)


@routes.post(
    "/bookings/{booking_id}/verify",
    response_model=BookingResponse,
    responses=PENDING,
    dependencies=[VERIFY_TOKEN],
)
async def verify(request: Request, booking_id: str) -> Response:
    parts = parts_of(request)
    proven = await parts.callers.proven_booking(request, booking_id)
    return _answer(parts, await parts.bookings.verify(proven), "attendee")


@routes.post(
    "/bookings/{booking_id}/release", response_model=BookingResponse, dependencies=OF_CALLER
)
async def release(request: Request, booking_id: str) -> Response:
    parts = parts_of(request)
    caller = await parts.callers.of_booking(request, booking_id)
    return _answer(parts, Done(await parts.bookings.release(caller.booking_id)), caller.by)


@routes.post(
    "/bookings/{booking_id}/extend", response_model=BookingResponse, dependencies=OF_CALLER
)
async def extend(request: Request, booking_id: str) -> Response:
    parts = parts_of(request)
    caller = await parts.callers.of_booking(request, booking_id)
    return _answer(parts, Done(await parts.bookings.extend(caller.booking_id)), caller.by)


@routes.post(
    "/bookings/{booking_id}/reschedule",
    response_model=BookingResponse,
    responses=PENDING,
    dependencies=OF_CALLER,
)
async def reschedule(
    request: Request, booking_id: str, body: MoveBody, prefer: Prefer = None
) -> Response:
    parts = parts_of(request)
    caller = await parts.callers.of_booking(request, booking_id)
    outcome = await parts.bookings.move(
        caller.booking_id,
        body.start,
        caller.by,
        body.reason,
        wait=wants_to_wait(prefer),
    )
    return _answer(parts, outcome, caller.by)


@routes.post(
    "/bookings/{booking_id}/cancel", response_model=BookingResponse, dependencies=OF_CALLER
)
async def cancel(request: Request, booking_id: str, body: CancelBody | None = None) -> Response:
    parts = parts_of(request)
    caller = await parts.callers.of_booking(request, booking_id)
    reason = body.reason if body else ""
    view = await parts.bookings.cancel(caller.booking_id, caller.by, reason)
    return _answer(parts, Done(view), caller.by)


@routes.post(
    "/bookings/{booking_id}/approve", response_model=BookingResponse, dependencies=[BEARER]
)
async def approve(request: Request, booking_id: str) -> Response:
    parts = parts_of(request)
    id_ = await _organizers_own(parts, request, booking_id)
    return _answer(parts, Done(await parts.answers.approve(id_)), "organizer")


@routes.post(
    "/bookings/{booking_id}/decline", response_model=BookingResponse, dependencies=[BEARER]
)
async def decline(request: Request, booking_id: str, body: DeclineBody | None = None) -> Response:
    parts = parts_of(request)
    id_ = await _organizers_own(parts, request, booking_id)
    view = await parts.answers.decline(id_, body.reason if body else "")
    return _answer(parts, Done(view), "organizer")


@routes.post(
    "/bookings/{booking_id}/ask-to-reschedule",
    response_model=BookingResponse,
    dependencies=[BEARER],
)
async def ask_to_reschedule(
    request: Request, booking_id: str, body: AskBody | None = None
) -> Response:
    parts = parts_of(request)
    id_ = await _organizers_own(parts, request, booking_id)
    view = await parts.answers.ask_to_move(id_, body.reason if body else "")
    return _answer(parts, Done(view), "organizer")


def calendar_file_response(file: bytes) -> Response:
    """Return a booking's calendar file."""
    return Response(
        file,
        media_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="invite.ics"'},
    )


async def _organizers_own(parts: Parts, request: Request, booking_id: str) -> UUID:
    """Return the id of the caller's booking; raise `forbidden` for its attendee."""
    caller = await parts.callers.of_booking(request, booking_id)
    if caller.by != "organizer":
        raise Problem(FORBIDDEN, "Only the organizer can answer or ask that.")
    return caller.booking_id


def _answer(parts: Parts, outcome: Outcome, to: Party, status: int = 200) -> Response:
    """Return the outcome as the API tells it: done, still pending, or a problem."""
    match outcome:
        case Done(view):
            return tagged(booking_response(view, parts.tokens, to=to), view.version, status)
        case Pending(view):
            answer = tagged(booking_response(view, parts.tokens, to=to), view.version, 202)
            answer.headers["Retry-After"] = "1"
            return answer
        case TimeRefused(refusal, nearest):
            raise problem_of(refusal, nearest) from refusal


def _list(
    parts: Parts, views: Sequence[BookingView], limit: int, to: Party
) -> ListPage[BookingResponse]:
    return list_page([booking_response(view, parts.tokens, to=to) for view in views], limit)
