"""The pages of one booking: as it stands, moved, cancelled; reading them changes nothing."""

from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.domain import booking
from services.booking.domain.refusals import (
    ChangeTooLate,
    Invalid,
    NotFound,
    Refusal,
    SlotNotOffered,
    SlotTaken,
    StateConflict,
)
from services.booking.handlers import bookings, moving
from services.booking.http.bookings import invite_response
from services.booking.http.parts import Parts
from services.booking.web.attendee import held as page_held
from services.booking.web.attendee.answers import page, see_other, visit_of
from services.booking.web.attendee.context import Scene, scene_of
from services.booking.web.attendee.forms import (
    KEPT_SECONDS,
    MANAGE,
    fields_of,
    instant_of,
    keep,
    written,
)
from services.booking.web.attendee.meeting import calendar_links
from services.booking.web.attendee.picking import Wanted, gone, picked, picking_facts

READ = ["GET", "HEAD"]
NEWS = {"booked": "booking.mail", "moved": "booking.mail.moved", "kept": None}


def add(routes: APIRouter, parts: Parts) -> None:
    """Add the routes under `/m/`."""
    page_held.add(routes, parts)

    @routes.api_route("/m/{token}", methods=READ)
    async def open_booking(request: Request, token: str) -> Response:
        id_ = parts.tokens.read_manage(token)
        if id_ is None:
            raise NotFound("booking")
        path = f"/m/booking/{id_}"
        response = see_other(visit_of(request), path)
        keep(response, MANAGE, token, path, secure=parts.are_secure, seconds=KEPT_SECONDS)
        return response

    @routes.api_route("/m/booking/{booking_id}", methods=READ)
    async def show(request: Request, booking_id: str) -> Response:
        scene = await scene_of(parts, request, booking_id)
        if isinstance(scene.view.state, booking.Confirmed | booking.Cancelled):
            response = _standing(parts, scene)
        else:
            response = await page_held.show(parts, scene, request=request)
        token, secure = request.cookies[MANAGE], parts.are_secure
        keep(response, MANAGE, token, scene.path, secure=secure, seconds=KEPT_SECONDS)
        return response

    @routes.api_route("/m/booking/{booking_id}/invite.ics", methods=READ)
    async def calendar_file(request: Request, booking_id: str) -> Response:
        response = invite_response((await scene_of(parts, request, booking_id)).view)
        response.headers["Cache-Control"] = "no-store"
        return response

    _add_move(routes, parts)
    _add_cancel(routes, parts)


def _add_move(routes: APIRouter, parts: Parts) -> None:
    @routes.api_route("/m/booking/{booking_id}/move", methods=READ)
    async def choose(request: Request, booking_id: str) -> Response:
        scene = await scene_of(parts, request, booking_id)
        _refuse_if_unchangeable(scene)
        if "start" in request.query_params:
            return _sure_to_move(parts, scene, request.query_params["start"])
        return await _pick_new_time(parts, scene)

    @routes.post("/m/booking/{booking_id}/move")
    async def move(request: Request, booking_id: str) -> Response:
        scene = await scene_of(parts, request, booking_id)
        fields = await fields_of(request)
        parts.forms.check(fields, "move", scene.id)
        start, reason = instant_of(fields.get("start", "")), fields.get("reason", "").strip()
        try:
            await moving.move(parts.database, scene.id, start, "attendee", reason, parts.hold)
        except (SlotTaken, SlotNotOffered) as refusal:
            return await _not_then(parts, scene, refusal, start)
        except Invalid:
            return _sure_to_move(parts, scene, fields["start"], typed=reason, status=422)
        parts.told()
        now = await parts.settled(scene.id, wait=True)
        match now.state:
            case booking.Confirmed(slot=slot) if slot.start == start:
                said = "kept" if start == scene.view.body["start"] else "moved"
                return see_other(scene.visit, scene.path, said=said)
            case booking.Confirmed(move=None):
                given = await parts.read(lambda c: bookings.answered(c, scene.id, start))
                return await _not_then(parts, scene, SlotNotOffered(given.reasons), start)
            case _:
                return see_other(scene.visit, scene.path)


def _add_cancel(routes: APIRouter, parts: Parts) -> None:
    @routes.api_route("/m/booking/{booking_id}/cancel", methods=READ)
    async def ask(request: Request, booking_id: str) -> Response:
        scene = await scene_of(parts, request, booking_id)
        if isinstance(scene.view.state, booking.Cancelled):
            return see_other(scene.visit, scene.path)
        _refuse_if_unchangeable(scene)
        return _sure_to_cancel(parts, scene)

    @routes.post("/m/booking/{booking_id}/cancel")
    async def cancel(request: Request, booking_id: str) -> Response:
        scene = await scene_of(parts, request, booking_id)
        fields = await fields_of(request)
        parts.forms.check(fields, "cancel", scene.id)
        reason = fields.get("reason", "").strip()
        try:
            await parts.write(lambda c: bookings.cancel(c, scene.id, "attendee", reason))
        except Invalid:
            return _sure_to_cancel(parts, scene, typed=reason, status=422)
        return see_other(scene.visit, scene.path)


def _standing(parts: Parts, scene: Scene) -> Response:
    """Return the page of a booking that is agreed, or was."""
    body, visit = scene.view.body, scene.visit
    cancelled = isinstance(scene.view.state, booking.Cancelled)
    told = scene.told(booked=True)
    said = visit.query.get("said") if not cancelled else None
    heading = f"booking.title.{said}" if said in NEWS else "booking.title"
    pending = body["pending_move"]
    may_move = scene.background.page_open and not scene.is_too_late
    attendee = body["attendee"]
    facts: dict[str, Any] = {
        **scene.facts(booked=True),
        "meeting": told,
        "heading": "booking.title.cancelled" if cancelled else heading,
        "news": NEWS.get(said or "") if attendee else None,
        "email": attendee["email"] if attendee else "",
        "booked_by": f"{attendee['name']} ({attendee['email']})" if attendee else "",
        "cancelled": cancelled,
        "again": scene.way_back and visit.link(scene.way_back),
        "pending": pending and _pending(parts, scene, pending),
        "calendar_file": f"{scene.path}/invite.ics",
        "calendars": calendar_links(told, body["start"], body["end"]),
        "too_late": scene.is_too_late,
        "last_change": scene.clock.moment(scene.last_change),
        "move": visit.link(f"{scene.path}/move") if may_move else None,
        "cancel": visit.link(f"{scene.path}/cancel"),
    }
    again = page_held.LOOK_AGAIN_SECONDS if pending else None
    return page(visit, "booking.html", facts, here=scene.path, again_in_seconds=again)


def _pending(parts: Parts, scene: Scene, move: dict[str, Any]) -> dict[str, str]:
    return {
        "when": scene.clock.when(move["start"], move["end"]),
        "keep": scene.visit.link(f"{scene.path}/release"),
        "form_key": parts.forms.key("release", scene.id),
    }


async def _pick_new_time(parts: Parts, scene: Scene) -> Response:
    profile, path = scene.background.offered.profile, f"{scene.path}/move"
    shown = await picked(parts, scene.visit, scene.clock, _wanted(parts, scene))
    kept = {"lang": scene.visit.reader.asked, "tz": scene.visit.time_zone}
    length: timedelta = scene.view.body["end"] - scene.view.body["start"]
    facts = {
        **picking_facts(
            scene.visit,
            scene.clock,
            shown,
            path=path,
            told=scene.told(booked=False),
            length=length,
        ),
        "action": path,
        "form_key": None,
        "form_keeps": [(name, value) for name, value in kept.items() if value],
        "moving": {"when": scene.when, "back": scene.visit.link(scene.path)},
        "locked": profile.time_zone_locked,
        "detects": False,
        "held": None,
    }
    return page(scene.visit, "pick.html", facts)


def _sure_to_move(
    parts: Parts, scene: Scene, start: str, *, typed: str = "", status: int = 200
) -> Response:
    new = instant_of(start)
    length: timedelta = scene.view.body["end"] - scene.view.body["start"]
    facts = {
        **scene.facts(booked=False),
        "act": "move",
        "new_when": scene.clock.when(new, new + length),
        "start": written(new),
        "action": scene.visit.link(f"{scene.path}/move"),
        "form_key": parts.forms.key("move", scene.id),
        "typed": typed,
        "fault": status != 200,
        "back": scene.visit.link(f"{scene.path}/move"),
    }
    return page(scene.visit, "sure.html", facts, status=status)


def _sure_to_cancel(parts: Parts, scene: Scene, *, typed: str = "", status: int = 200) -> Response:
    facts = {
        **scene.facts(booked=False),
        "act": "cancel",
        "action": scene.visit.link(f"{scene.path}/cancel"),
        "form_key": parts.forms.key("cancel", scene.id),
        "typed": typed,
        "fault": status != 200,
        "back": scene.visit.link(scene.path),
    }
    return page(scene.visit, "sure.html", facts, status=status)


def _wanted(parts: Parts, scene: Scene) -> Wanted:
    offered = scene.background.offered
    return Wanted(
        meeting_type_id=offered.id,
        settings=offered.settings,
        manage_token=parts.tokens.manage(scene.id),
        own=scene.id,
    )


async def _not_then(parts: Parts, scene: Scene, refusal: Refusal, start: datetime) -> Response:
    """Say that the meeting cannot be moved to that time; it stays where it is."""
    path = f"{scene.path}/move"
    kept = {"lang": scene.visit.reader.asked, "tz": scene.visit.time_zone}
    facts = {
        "action": path,
        "form_key": None,
        "keeps": [(name, value) for name, value in kept.items() if value],
        "all": scene.visit.link(path),
        "here": path,
    }
    wanted = _wanted(parts, scene)
    return await gone(parts, scene.visit, scene.clock, wanted, refusal, start, facts)


def _refuse_if_unchangeable(scene: Scene) -> None:
    if not isinstance(scene.view.state, booking.Confirmed):
        raise StateConflict("Only a confirmed meeting can be moved or cancelled.")
    if scene.is_too_late:
        raise ChangeTooLate(scene.last_change)
