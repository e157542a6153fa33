"""The pages on which visitors choose: an organizer's page, a public type, a private link."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.bookings.reservation import Reservation
from services.booking.bookings.views import BookingView
from services.booking.callers import id_of
from services.booking.domain.refusals import NotFound
from services.booking.free_times import Opening
from services.booking.parts import Parts, parts_of
from services.booking.public.offers import (
    Offer,
    offer_behind_link,
    open_page,
)
from services.booking.web.attendee.booking_visit import day_of
from services.booking.web.attendee.draft import DRAFT, Draft, typed_in
from services.booking.web.attendee.meeting import MeetingWords, initials, meeting_words
from services.booking.web.attendee.pick import (
    HeldTime,
    Kept,
    TimeForm,
    pick_page,
    pick_time,
    time_refused,
)
from services.booking.web.forms import (
    FIELD,
    HOLD,
    KEPT_SECONDS,
    LINK,
    MANAGE,
    PROBE,
    PROBE_SECONDS,
    fields_of,
    instant_of,
    keep,
)
from services.booking.web.responses import Visit, file, moved, page, see_other, visit_of
from services.chassis.web.clock import Clock

READ = ["GET", "HEAD"]

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class OfferVisit:
    """A visit to a meeting type's address, where a time of it can be chosen."""

    visit: Visit
    path: str
    offer: Offer
    link_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingCard:
    """A public meeting type on its organizer's page."""

    href: str
    title: str
    where: str
    description: str
    duration: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizerPage:
    """An organizer's page with their public meeting types."""

    TEMPLATE: ClassVar[str] = "organizer.html"

    organizer: str
    initials: str
    types: Sequence[MeetingCard]


@routes.api_route("/assets/{digest}/{name}", methods=READ)
async def asset(digest: str, name: str) -> Response:
    return file(name, digest)


@routes.api_route("/with/{handle}", methods=READ)
async def show_organizer(request: Request, handle: str) -> Response:
    if elsewhere := moved(request):
        return elsewhere
    parts, visit = parts_of(request), visit_of(request)
    opened = await parts.transactions.read(lambda c: open_page(c, handle))
    if opened.profile.handle != handle:
        return see_other(visit, f"/with/{opened.profile.handle}")
    organizer = opened.profile.display_name
    content = OrganizerPage(
        organizer=organizer,
        initials=initials(organizer),
        types=[_card(visit, handle, offer) for offer in opened.offers],
    )
    return page(visit, content)


@routes.api_route("/with/{handle}/{slug}", methods=READ)
async def show_type(request: Request, handle: str, slug: str) -> Response:
    if elsewhere := moved(request):
        return elsewhere
    visited = await _public(request, handle, slug)
    if visited.offer.profile.handle != handle:
        return see_other(visited.visit, f"/with/{visited.offer.profile.handle}/{slug}")
    response = await _show(request, visited)
    path, secure = f"/with/{handle}/{slug}", parts_of(request).settings.is_secure
    keep(response, PROBE, "yes", path, secure=secure, seconds=PROBE_SECONDS)
    return response


@routes.post("/with/{handle}/{slug}")
async def choose(request: Request, handle: str, slug: str) -> Response:
    return await _choose(request, await _public(request, handle, slug))


@routes.api_route("/p/{token}", methods=READ)
async def open_link(request: Request, token: str) -> Response:
    parts = parts_of(request)
    link_id = parts.callers.link_of(token)
    await parts.transactions.read(lambda c: offer_behind_link(c, link_id))
    path = f"/p/link/{link_id}"
    response = see_other(visit_of(request), path)
    keep(response, LINK, token, path, secure=parts.settings.is_secure, seconds=KEPT_SECONDS)
    return response


@routes.api_route("/p/link/{link_id}", methods=READ)
async def show_private(request: Request, link_id: str) -> Response:
    visited = await _private(request, link_id)
    response = await _show(request, visited)
    token, secure = request.cookies[LINK], parts_of(request).settings.is_secure
    keep(response, LINK, token, visited.path, secure=secure, seconds=KEPT_SECONDS)
    return response


@routes.post("/p/link/{link_id}")
async def choose_private(request: Request, link_id: str) -> Response:
    return await _choose(request, await _private(request, link_id))


async def _public(request: Request, handle: str, slug: str) -> OfferVisit:
    offer = await parts_of(request).offers.at_address(handle, slug)
    return OfferVisit(visit_of(request), f"/with/{handle}/{slug}", offer)


async def _private(request: Request, link_id: str) -> OfferVisit:
    parts, id_ = parts_of(request), id_of(link_id, "link")
    if parts.tokens.read_link(request.cookies.get(LINK, "")) != id_:
        raise NotFound("link")
    offer = await parts.transactions.read(lambda c: offer_behind_link(c, id_))
    return OfferVisit(visit_of(request), f"/p/link/{id_}", offer, id_)


async def _show(request: Request, visited: OfferVisit) -> Response:
    parts, visit, offer = parts_of(request), visited.visit, visited.offer
    locked = offer.profile.time_zone_locked
    clock = visit.clock(offer.profile.time_zone, locked=locked)
    held = await _held(parts, request)
    opening = _opening(parts, visited, held)
    shown = await pick_time(parts, visit, clock, opening, offer.settings)
    content = pick_page(
        visit,
        clock,
        shown,
        path=visited.path,
        meeting=_words(visit, offer),
        length=_length(offer),
        form=_form(parts, visited),
        organizer_zone=offer.profile.time_zone,
        zone_locked=locked,
        held=_held_time(visit, clock, held),
    )
    return page(visit, content)


async def _choose(request: Request, visited: OfferVisit) -> Response:
    """Hold the time for the visitor, instead of one that this browser holds already."""
    parts, visit, offer = parts_of(request), visited.visit, visited.offer
    fields = await fields_of(request)
    start = instant_of(fields.get("start", ""))
    booking_id = parts.forms.booking_id(fields.get(FIELD, ""), visited.path, start)
    typed, held = typed_in(fields, sent=False), await _held(parts, request)
    if held and held.slot.start == start:
        booking_id = held.id
    asked = Reservation(
        booking_id=booking_id,
        meeting_type_id=offer.id,
        start=start,
        link_id=visited.link_id,
        instead_of=held.id if held and held.id != booking_id else None,
    )
    if refused := await parts.bookings.reserve(asked):
        profile = offer.profile
        clock = visit.clock(profile.time_zone, locked=profile.time_zone_locked)
        return time_refused(
            visit,
            clock,
            refused,
            start,
            form=_form(parts, visited, typed.fields),
            all_times=visit.link(visited.path, day=day_of(start, clock)),
            here=visited.path,
        )
    keeps_cookies = visited.link_id is not None or PROBE in request.cookies
    return _holding(parts, visited, booking_id, typed, keeps_cookies=keeps_cookies)


def _holding(
    parts: Parts, visited: OfferVisit, booking_id: UUID, typed: Draft, *, keeps_cookies: bool
) -> Response:
    """Lead on to the booking; the browser keeps what opens it, and that it holds a time here.

    One that keeps nothing is shown the booking by its address: the time would stay held unseen.
    """
    path, token = f"/m/booking/{booking_id}", parts.tokens.manage(booking_id)
    secure, seconds = parts.settings.is_secure, parts.settings.hold_seconds
    response = see_other(visited.visit, path, token=None if keeps_cookies else token)
    keep(response, MANAGE, token, path, secure=secure, seconds=KEPT_SECONDS)
    keep(response, HOLD, token, visited.path, secure=secure, seconds=seconds)
    if not typed.is_empty:
        keep(response, DRAFT, typed.written(), path, secure=secure, seconds=KEPT_SECONDS)
    return response


async def _held(parts: Parts, request: Request) -> BookingView | None:
    """Return the booking that this browser holds a time with, while it does."""
    id_ = parts.tokens.read_manage(request.cookies.get(HOLD, ""))
    if id_ is not None:
        with suppress(NotFound):
            view = await parts.bookings.view(id_)
            return view if view.status == "held" else None
    return None


def _held_time(visit: Visit, clock: Clock, held: BookingView | None) -> HeldTime | None:
    if held is None:
        return None
    href = visit.link(f"/m/booking/{held.id}")
    return HeldTime(when=clock.moment(held.slot.start), href=href)


def _opening(parts: Parts, visited: OfferVisit, held: BookingView | None) -> Opening:
    """Return what opens the times; what the visitor holds counts as free to them."""
    return Opening(
        meeting_type_id=visited.offer.id,
        link_token=parts.tokens.link(visited.link_id) if visited.link_id else None,
        manage_token=parts.tokens.manage(held.id) if held else None,
        rescheduling=held.id if held else None,
    )


def _form(parts: Parts, visited: OfferVisit, kept: Kept = ()) -> TimeForm:
    return TimeForm(action=visited.visit.link(visited.path), key=parts.forms.fresh(), kept=kept)


def _card(visit: Visit, handle: str, offer: Offer) -> MeetingCard:
    words = _words(visit, offer)
    clock = visit.clock(offer.profile.time_zone)
    return MeetingCard(
        href=visit.link(f"/with/{handle}/{offer.settings.slug}"),
        title=words.title,
        where=words.where,
        description=words.description,
        duration=clock.duration(_length(offer)),
    )


def _words(visit: Visit, offer: Offer) -> MeetingWords:
    return meeting_words(
        visit.reader.language,
        title=offer.settings.title,
        organizer=offer.profile.display_name,
        location=offer.settings.location,
        description=offer.settings.description,
    )


def _length(offer: Offer) -> timedelta:
    return timedelta(minutes=offer.settings.duration_minutes)
