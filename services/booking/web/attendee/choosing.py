"""The pages on which visitors choose: an organizer's page, a public type, a private link."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.bookable import Bookable, at_address, behind_link, on_page
from services.booking.domain.refusals import NotFound, SlotNotOffered, SlotTaken
from services.booking.handlers import reserving
from services.booking.http.parts import Parts, id_of
from services.booking.seeing import View
from services.booking.web.attendee import booking as page_booking
from services.booking.web.attendee.answers import Visit, file, page, see_other, visit_of
from services.booking.web.attendee.forms import (
    FIELD,
    HOLD,
    KEPT_SECONDS,
    LINK,
    MANAGE,
    fields_of,
    instant_of,
    keep,
)
from services.booking.web.attendee.meeting import Told, initials, told
from services.booking.web.attendee.picking import Facts, Wanted, gone, picked, picking_facts

READ = ["GET", "HEAD"]


@dataclass(frozen=True, slots=True)
class Shelf:
    """A meeting type at an address, where a time of it can be chosen."""

    path: str
    offered: Bookable
    link_id: UUID | None = None


def router(parts: Parts) -> APIRouter:
    """Return the routes of the attendee pages."""
    routes = APIRouter(include_in_schema=False)
    _add_public(routes, parts)
    _add_private(routes, parts)
    page_booking.add(routes, parts)

    @routes.api_route("/assets/{digest}/{name}", methods=READ)
    async def asset(digest: str, name: str) -> Response:
        return file(name, digest)

    return routes


def _add_public(routes: APIRouter, parts: Parts) -> None:
    async def shelf(handle: str, slug: str) -> Shelf:
        offered = await parts.read(lambda c: at_address(c, handle, slug))
        return Shelf(f"/with/{handle}/{slug}", offered)

    @routes.api_route("/with/{handle}", methods=READ)
    async def show_organizer(request: Request, handle: str) -> Response:
        visit = visit_of(request)
        profile, types = await parts.read(lambda c: on_page(c, handle))
        clock = visit.clock(profile.time_zone)
        cards = []
        for each in types:
            said = _told(visit, each)
            cards.append(
                {
                    "href": visit.link(f"/with/{handle}/{each.settings.slug}"),
                    "title": said.title,
                    "where": said.where,
                    "description": said.description,
                    "duration": clock.duration(_length(each)),
                }
            )
        organizer = profile.display_name
        facts = {"organizer": organizer, "initials": initials(organizer), "types": cards}
        return page(visit, "organizer.html", facts)

    @routes.api_route("/with/{handle}/{slug}", methods=READ)
    async def show_type(request: Request, handle: str, slug: str) -> Response:
        return await _show(parts, request, await shelf(handle, slug))

    @routes.post("/with/{handle}/{slug}")
    async def choose(request: Request, handle: str, slug: str) -> Response:
        return await _choose(parts, request, await shelf(handle, slug))


def _add_private(routes: APIRouter, parts: Parts) -> None:
    async def shelf(request: Request, link_id: str) -> Shelf:
        id_ = id_of(link_id, "link")
        if parts.tokens.read_link(request.cookies.get(LINK, "")) != id_:
            raise NotFound("link")
        return Shelf(f"/p/link/{id_}", await parts.read(lambda c: behind_link(c, id_)), id_)

    @routes.api_route("/p/{token}", methods=READ)
    async def open_link(request: Request, token: str) -> Response:
        id_ = parts.tokens.read_link(token)
        if id_ is None:
            raise NotFound("link")
        await parts.read(lambda c: behind_link(c, id_))
        path = f"/p/link/{id_}"
        response = see_other(visit_of(request), path)
        secure = parts.are_secure
        keep(response, LINK, token, path, secure=secure, seconds=KEPT_SECONDS)
        return response

    @routes.api_route("/p/link/{link_id}", methods=READ)
    async def show_private(request: Request, link_id: str) -> Response:
        found = await shelf(request, link_id)
        response = await _show(parts, request, found)
        token, secure = request.cookies[LINK], parts.are_secure
        keep(response, LINK, token, found.path, secure=secure, seconds=KEPT_SECONDS)
        return response

    @routes.post("/p/link/{link_id}")
    async def choose_private(request: Request, link_id: str) -> Response:
        return await _choose(parts, request, await shelf(request, link_id))


async def _show(parts: Parts, request: Request, shelf: Shelf) -> Response:
    visit, profile = visit_of(request), shelf.offered.profile
    clock = visit.clock(profile.time_zone, locked=profile.time_zone_locked)
    held = await _held(parts, request)
    shown = await picked(parts, visit, clock, _wanted(parts, shelf, held))
    facts: Facts = {
        **picking_facts(
            visit,
            clock,
            shown,
            path=shelf.path,
            told=_told(visit, shelf.offered),
            length=_length(shelf.offered),
        ),
        **_choosing(parts, visit, shelf),
        "form_keeps": [],
        "moving": None,
        "locked": profile.time_zone_locked,
        "detects": not profile.time_zone_locked,
        "held": None,
    }
    if held:
        href = visit.link(f"/m/booking/{held.body['id']}")
        facts["held"] = {"when": clock.moment(held.body["start"]), "href": href}
    return page(visit, "pick.html", facts)


async def _choose(parts: Parts, request: Request, shelf: Shelf) -> Response:
    """Hold the time for the visitor, instead of one that this browser holds already."""
    visit, fields = visit_of(request), await fields_of(request)
    start = instant_of(fields.get("start", ""))
    booking_id = parts.forms.booking_id(fields.get(FIELD, ""), shelf.path, start)
    held = await _held(parts, request)
    if held and held.body["start"] == start:
        booking_id = held.body["id"]
    asked = reserving.Reservation(
        booking_id=booking_id,
        meeting_type_id=shelf.offered.id,
        start=start,
        by="attendee",
        link_id=shelf.link_id,
        hold=parts.hold,
        instead_of=held.body["id"] if held and held.body["id"] != booking_id else None,
    )
    try:
        await reserving.reserve(parts.database, asked)
    except (SlotTaken, SlotNotOffered) as refusal:
        profile = shelf.offered.profile
        clock = visit.clock(profile.time_zone, locked=profile.time_zone_locked)
        facts = _choosing(parts, visit, shelf)
        return await gone(parts, visit, clock, _wanted(parts, shelf), refusal, start, facts)
    parts.told()
    path, token, secure = (
        f"/m/booking/{booking_id}",
        parts.tokens.manage(booking_id),
        parts.are_secure,
    )
    response = see_other(visit, path)
    keep(response, MANAGE, token, path, secure=secure, seconds=KEPT_SECONDS)
    keep(response, HOLD, token, shelf.path, secure=secure, seconds=parts.settings.hold_seconds)
    return response


def _choosing(parts: Parts, visit: Visit, shelf: Shelf) -> Facts:
    address = visit.link(shelf.path)
    return {
        "action": address,
        "form_key": parts.forms.fresh(),
        "keeps": [],
        "all": address,
        "here": shelf.path,
    }


async def _held(parts: Parts, request: Request) -> View | None:
    """Return the booking that this browser holds a time with, while it does."""
    id_ = parts.tokens.read_manage(request.cookies.get(HOLD, ""))
    if id_ is not None:
        with suppress(NotFound):
            view = await parts.see(id_)
            return view if view.body["status"] == "held" else None
    return None


def _wanted(parts: Parts, shelf: Shelf, held: View | None = None) -> Wanted:
    """Return whose times are sought; what the visitor holds counts as free to them."""
    own: UUID | None = held.body["id"] if held else None
    return Wanted(
        meeting_type_id=shelf.offered.id,
        settings=shelf.offered.settings,
        link_token=parts.tokens.link(shelf.link_id) if shelf.link_id else None,
        manage_token=parts.tokens.manage(own) if own else None,
        own=own,
    )


def _told(visit: Visit, offered: Bookable) -> Told:
    return told(
        visit.reader.language,
        title=offered.settings.title,
        organizer=offered.profile.display_name,
        location=offered.settings.location,
        description=offered.settings.description,
    )


def _length(offered: Bookable) -> timedelta:
    return timedelta(minutes=offered.settings.duration_minutes)
