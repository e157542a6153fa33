"""A held time: the visitor's details, and their confirmation, which may have to wait a moment."""

import math
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.domain import booking
from services.booking.domain.attendee import Attendee, refuse_if_faulty
from services.booking.domain.refusals import (
    HoldOver,
    Invalid,
    SlotNotOffered,
    SlotTaken,
    VerdictPending,
)
from services.booking.handlers import bookings, releasing
from services.booking.http.parts import Parts
from services.booking.web.attendee.answers import page, see_other
from services.booking.web.attendee.context import Scene, scene_of
from services.booking.web.attendee.forms import DRAFT, Draft, draft_of, fields_of, keep
from services.booking.web.attendee.picking import Wanted, gone

LOOK_AGAIN_SECONDS = 3
_WORDS = {"/attendee/name": ("name", "fault.name"), "/attendee/email": ("email", "fault.email")}


def add(routes: APIRouter, parts: Parts) -> None:
    """Add the routes that finish a held booking or give it up."""

    @routes.post("/m/booking/{booking_id}/confirm")
    async def confirm(request: Request, booking_id: str) -> Response:
        scene = await scene_of(parts, request, booking_id)
        fields = await fields_of(request)
        parts.forms.check(fields, "confirm", scene.id)
        typed = Draft(fields.get("name", "").strip(), fields.get("email", "").strip())
        attendee = _attendee(scene, typed)
        try:
            refuse_if_faulty(attendee)
        except Invalid as refusal:
            return await show(parts, scene, typed=typed, faults=_faults(refusal), status=422)
        return await _confirmed(parts, scene, attendee, typed)

    @routes.post("/m/booking/{booking_id}/release")
    async def release(request: Request, booking_id: str) -> Response:
        scene = await scene_of(parts, request, booking_id)
        parts.forms.check(await fields_of(request), "release", scene.id)
        await parts.write(lambda c: releasing.release(c, scene.id, "released"))
        if isinstance(scene.view.state, booking.Confirmed):
            return see_other(scene.visit, scene.path, said="kept")
        return see_other(scene.visit, scene.way_back or scene.path)


async def _confirmed(parts: Parts, scene: Scene, attendee: Attendee, typed: Draft) -> Response:
    await parts.settled(scene.id, wait=True)
    try:
        await parts.write(lambda c: bookings.confirm(c, scene.id, attendee))
    except VerdictPending:
        response: Response = see_other(scene.visit, scene.path)
        seconds, secure = parts.settings.hold_seconds, parts.are_secure
        keep(response, DRAFT, typed.written(), scene.path, secure=secure, seconds=seconds)
        return response
    except (HoldOver, SlotNotOffered):
        return await show(parts, await scene.again(parts), status=409)
    response = see_other(scene.visit, scene.path, said="booked")
    response.delete_cookie(DRAFT, scene.path)
    return response


async def show(
    parts: Parts,
    scene: Scene,
    *,
    request: Request | None = None,
    typed: Draft | None = None,
    faults: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    """Return the page of a booking that is not confirmed: held, or not any more."""
    body = scene.view.body
    rejected = body["release_reason"] == "rejected" or (
        body["status"] == "held" and body["verdict"] == "rejected"
    )
    if body["status"] == "held" and not rejected:
        return _held(parts, scene, request, typed, faults or {}, status)
    if rejected and scene.way_back:
        return await _rejected(parts, scene, scene.way_back, 409 if status == 422 else status)
    facts = {
        "when": scene.when,
        "off": body["release_reason"] == "policy_disabled",
        "again": scene.way_back and scene.visit.link(scene.way_back),
    }
    return page(
        scene.visit, "over.html", facts, status=409 if status == 422 else status, here=scene.path
    )


def _held(
    parts: Parts,
    scene: Scene,
    request: Request | None,
    typed: Draft | None,
    faults: dict[str, str],
    status: int,
) -> Response:
    kept = draft_of(request) if request else None
    accepted = scene.view.body["verdict"] == "accepted"
    stage = "hold" if kept is None else ("ready" if accepted else "waiting")
    deadline = scene.view.body["hold_expires_at"]
    facts: dict[str, Any] = {
        **scene.facts(booked=False),
        "stage": stage,
        "seconds": math.ceil((deadline - scene.view.at).total_seconds()),
        "held_until": scene.clock.time(deadline),
        "typed": typed or kept or Draft(),
        "faults": faults,
        "confirm": scene.visit.link(f"{scene.path}/confirm"),
        "form_key": parts.forms.key("confirm", scene.id),
        "release": scene.visit.link(f"{scene.path}/release"),
        "release_key": parts.forms.key("release", scene.id),
    }
    again = LOOK_AGAIN_SECONDS if stage == "waiting" else None
    return page(
        scene.visit, "hold.html", facts, status=status, here=scene.path, again_in_seconds=again
    )


async def _rejected(parts: Parts, scene: Scene, way_back: str, status: int) -> Response:
    """Say that the calendar has something at that time, and which times are free."""
    link_id: UUID | None = scene.view.body["link_id"]
    offered = scene.background.offered
    wanted = Wanted(
        meeting_type_id=offered.id,
        settings=offered.settings,
        link_token=parts.tokens.link(link_id) if link_id else None,
    )
    address = scene.visit.link(way_back)
    facts = {
        "action": address,
        "form_key": parts.forms.fresh(),
        "keeps": [],
        "all": address,
        "here": scene.path,
    }
    start = scene.view.body["start"]
    lost_to_another = "free" in scene.view.reasons
    refusal = SlotTaken() if lost_to_another else SlotNotOffered(scene.view.reasons)
    return await gone(parts, scene.visit, scene.clock, wanted, refusal, start, facts, status=status)


def _attendee(scene: Scene, typed: Draft) -> Attendee:
    return Attendee(
        name=typed.name,
        email=typed.email,
        time_zone=scene.visit.time_zone,
        locale=scene.visit.reader.locale,
    )


def _faults(refusal: Invalid) -> dict[str, str]:
    return dict(_WORDS.get(fault.pointer, ("name", "fault.other")) for fault in refusal.faults)
