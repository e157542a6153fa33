"""The API of bookings: reserve, confirm, release, move, cancel, look."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from contracts.capabilities import PRIVATE_LINK
from services.booking.domain import booking, page
from services.booking.domain.attendee import Attendee, refuse_if_faulty
from services.booking.domain.refusals import (
    HoldOver,
    NotAvailable,
    Refusal,
    SlotNotOffered,
    SlotTaken,
    VerdictPending,
)
from services.booking.domain.slot import Party
from services.booking.handlers import bookings, moving, pages, releasing, reserving
from services.booking.http.answers import Seen
from services.booking.http.bodies import (
    AttendeeBody,
    BookingBody,
    CancelBody,
    ConfirmBody,
    MoveBody,
)
from services.booking.http.documentation import LINK_TOKEN, MANAGE_TOKEN, PENDING
from services.booking.http.parts import Parts, Prefer, id_of, wants_to_wait
from services.booking.http.problems import problem_of
from services.booking.invites import invite
from services.booking.seeing import View
from services.chassis.http.conditional import tagged
from services.chassis.http.documentation import BEARER
from services.chassis.http.listing import minted_id
from services.chassis.http.problems import Problem
from services.chassis.postgres.database import Connection


def router(parts: Parts) -> APIRouter:
    """Return the routes on bookings."""
    routes = APIRouter(prefix="/api/booking/v1", tags=["bookings"])
    theirs = APIRouter(dependencies=[BEARER, MANAGE_TOKEN])

    @routes.post(
        "/bookings",
        status_code=201,
        response_model=Seen,
        responses=PENDING,
        dependencies=[LINK_TOKEN],
    )
    async def reserve(request: Request, body: BookingBody, prefer: Prefer = None) -> Response:
        attendee = _attendee(body.attendee, body.answers) if body.attendee else None
        if attendee:
            refuse_if_faulty(attendee)  # before anything is held for them
        booking_id = minted_id(request)
        link_token = request.headers.get(PRIVATE_LINK.header)
        asked = reserving.Reservation(
            booking_id=booking_id,
            meeting_type_id=body.meeting_type_id,
            start=_utc(body.start),
            by="attendee",
            link_id=parts.link_of(link_token),
            hold=parts.hold,
        )
        try:
            await reserving.reserve(parts.database, asked)
        except (SlotTaken, SlotNotOffered) as refusal:
            raise await _with_alternatives(parts, refusal, body, link_token) from refusal
        parts.told()
        view = await parts.settled(booking_id, wait=wants_to_wait(prefer))
        if lost := _lost(view):
            raise await _with_alternatives(parts, lost, body, link_token)
        if attendee is None or not isinstance(view.state, booking.Held):
            return _answer(view, 201)
        try:
            return await _confirmed(parts, booking_id, attendee, 201)
        except Refusal:  # the answer is final, so nothing stays held behind it
            await parts.write(
                lambda connection: releasing.release(connection, booking_id, "released")
            )
            raise

    @theirs.post("/bookings/{booking_id}/confirm", response_model=Seen, responses=PENDING)
    async def confirm(
        request: Request, booking_id: str, body: ConfirmBody, prefer: Prefer = None
    ) -> Response:
        id_ = id_of(booking_id, "booking")
        await parts.caller(request, id_)
        await parts.settled(id_, wait=wants_to_wait(prefer))
        return await _confirmed(parts, id_, _attendee(body.attendee, body.answers), 200)

    @theirs.post("/bookings/{booking_id}/release", response_model=Seen)
    async def release(request: Request, booking_id: str) -> Response:
        id_ = id_of(booking_id, "booking")
        await parts.caller(request, id_)
        await parts.write(lambda connection: releasing.release(connection, id_, "released"))
        return _answer(await parts.see(id_), 200)

    @theirs.post("/bookings/{booking_id}/reschedule", response_model=Seen, responses=PENDING)
    async def reschedule(
        request: Request, booking_id: str, body: MoveBody, prefer: Prefer = None
    ) -> Response:
        id_ = id_of(booking_id, "booking")
        caller = await parts.caller(request, id_)
        return await _moved(parts, id_, caller.by, body, wait=wants_to_wait(prefer))

    @theirs.post("/bookings/{booking_id}/cancel", response_model=Seen)
    async def cancel(request: Request, booking_id: str, body: CancelBody | None = None) -> Response:
        id_ = id_of(booking_id, "booking")
        caller = await parts.caller(request, id_)
        reason = body.reason if body else ""
        await parts.write(lambda connection: bookings.cancel(connection, id_, caller.by, reason))
        return _answer(await parts.see(id_), 200)

    @theirs.get("/bookings/{booking_id}", response_model=Seen)
    async def show(request: Request, booking_id: str) -> Response:
        id_ = id_of(booking_id, "booking")
        await parts.caller(request, id_)
        return _answer(await parts.see(id_), 200)

    @theirs.get("/bookings/{booking_id}/invite.ics", response_class=Response)
    async def calendar_file(request: Request, booking_id: str) -> Response:
        id_ = id_of(booking_id, "booking")
        await parts.caller(request, id_)
        view = await parts.see(id_)
        return invite_response(view)

    routes.include_router(theirs)
    return routes


def invite_response(view: View) -> Response:
    """Return the booking's calendar file as it stands."""
    return Response(
        invite(view),
        media_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="invite.ics"'},
    )


async def _confirmed(parts: Parts, booking_id: UUID, attendee: Attendee, status: int) -> Response:
    async def work(connection: Connection) -> None:
        await bookings.confirm(connection, booking_id, attendee)

    try:
        await parts.write(work)
    except VerdictPending:
        view = await parts.see(booking_id)
        return _pending(view, _json(view))
    return _answer(await parts.see(booking_id), status)


async def _moved(
    parts: Parts, booking_id: UUID, by: Party, body: MoveBody, *, wait: bool
) -> Response:
    before = await parts.see(booking_id)
    start = _utc(body.start)
    try:
        await moving.move(parts.database, booking_id, start, by, body.reason, parts.hold)
    except (SlotTaken, SlotNotOffered) as refusal:
        nearest = await parts.free_times.nearest(
            before.body["meeting_type_id"],
            start,
            manage_token=parts.tokens.manage(booking_id),
            rescheduling=booking_id,
        )
        raise problem_of(refusal, alternatives=nearest) from refusal
    parts.told()
    view = await parts.settled(booking_id, wait=wait)
    match view.state:
        case booking.Confirmed(slot=slot) if slot.start == start:
            return _answer(view, 200)
        case booking.Confirmed(move=move) if move is None or view.at >= move.expires_at:
            raise await _refused_move(parts, booking_id, view, start)
        case booking.Confirmed():
            # The verdict is on the new time, not on the old one.
            return _pending(view, {**_json(view), "verdict": "pending"})
        case _:
            return _answer(view, 200)


async def _refused_move(parts: Parts, booking_id: UUID, view: View, start: datetime) -> Problem:
    """Say why the new time is not to be had; where availability refused it, what it offers."""
    given = await parts.read(lambda connection: bookings.answered(connection, booking_id, start))
    if given.verdict != "rejected":
        owner = await parts.read(lambda c: pages.load_page(c, view.body["organizer_id"]))
        return problem_of(HoldOver() if page.is_open(owner.state) else NotAvailable())
    nearest = await parts.free_times.nearest(
        view.body["meeting_type_id"],
        start,
        manage_token=parts.tokens.manage(booking_id),
        rescheduling=booking_id,
    )
    return problem_of(SlotNotOffered(given.reasons), alternatives=nearest)


def _lost(view: View) -> Refusal | None:
    """Return why a time that was held is not any more."""
    match view.state:
        case booking.Released(reason="policy_disabled"):
            return NotAvailable()
        case booking.Released(reason="timeout" | "released"):
            return HoldOver()
        case booking.Released():
            return SlotNotOffered(view.reasons)
        case booking.Held() if view.body["verdict"] == "rejected":
            return SlotNotOffered(view.reasons)
        case _:
            return None


async def _with_alternatives(
    parts: Parts, refusal: Refusal, body: BookingBody, link_token: str | None
) -> Problem:
    nearest = await parts.free_times.nearest(
        body.meeting_type_id, _utc(body.start), link_token=link_token
    )
    return problem_of(refusal, alternatives=nearest)


def _attendee(body: AttendeeBody, answers: Any) -> Attendee:
    return Attendee(
        name=body.name.strip(),
        email=body.email.strip(),
        time_zone=body.time_zone,
        locale=body.locale,
        answers=tuple((answer.question_id, answer.value) for answer in answers),
    )


def _json(view: View) -> Any:
    return Seen(**view.body).model_dump(mode="json")


def _answer(view: View, status: int) -> Response:
    return tagged(_json(view), view.version, status)


def _pending(view: View, body: Any) -> Response:
    answer = tagged(body, view.version, 202)
    answer.headers["Retry-After"] = "1"
    return answer


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)
