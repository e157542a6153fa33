"""The pages on which visitors choose: an organizer's page, a public type, a private link."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.bookings.outcomes import TimeRefused
from services.booking.bookings.views import BookingView
from services.booking.budgets import MARK
from services.booking.callers import id_of
from services.booking.domain.refusals import NotFound, SlotTaken
from services.booking.free_times import Opening
from services.booking.parts import Parts, parts_of
from services.booking.public.offerings import (
    Offering,
    offering_behind_link,
    open_page,
)
from services.booking.web.attendee.booking_visit import day_of
from services.booking.web.attendee.choosing import choose_time
from services.booking.web.attendee.draft import ANSWER, DRAFT, Draft, draft_of, prefilled
from services.booking.web.attendee.meeting import MeetingWords, initials, meeting_words
from services.booking.web.attendee.offering_visit import (
    OfferingVisit,
    held_by,
    opening_of,
    time_form,
)
from services.booking.web.attendee.pick import pick_page, pick_time
from services.booking.web.attendee.pick_content import HeldTime, PickPage, TimeForm
from services.booking.web.attendee.picker import Picker
from services.booking.web.attendee.time_refused import time_refused
from services.booking.web.attendee.why_empty import Rules
from services.booking.web.attendee.zone_choice import SEARCH, zones_page
from services.booking.web.forms import (
    KEPT_SECONDS,
    LINK,
    MARK_SECONDS,
    keep,
)
from services.booking.web.frames import is_framed, note_frame_origins
from services.booking.web.responses import Visit, moved, page, see_other, visit_of
from services.chassis.http import instants
from services.chassis.web.clock import Clock
from services.chassis.web.zones import zone_of

READ = ["GET", "HEAD"]

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingCard:
    """A public meeting type on its organizer's page."""

    href: str
    title: str
    where: str
    description: str
    durations: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizerPage:
    """An organizer's page with their public meeting types."""

    TEMPLATE: ClassVar[str] = "organizer.html"

    organizer: str
    initials: str
    own_url: str
    types: Sequence[MeetingCard]


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
        own_url=f"{parts.settings.public_url}/with/{handle}",
        types=[_card(visit, handle, offering) for offering in opened.offerings],
    )
    return page(visit, content)


@routes.api_route("/with/{handle}/{slug}", methods=READ)
async def show_type(request: Request, handle: str, slug: str) -> Response:
    if elsewhere := moved(request):
        return elsewhere
    visited = await _public(request, handle, slug)
    if visited.offering.profile.handle != handle:
        return see_other(visited.visit, f"/with/{visited.offering.profile.handle}/{slug}")
    response = await _show(request, visited)
    _keep_mark(response, request)
    return response


@routes.post("/with/{handle}/{slug}")
async def choose(request: Request, handle: str, slug: str) -> Response:
    return await choose_time(request, await _public(request, handle, slug))


@routes.api_route("/p/{token}", methods=READ)
async def open_link(request: Request, token: str) -> Response:
    parts = parts_of(request)
    link_id = parts.callers.link_of(token)
    await parts.transactions.read(lambda c: offering_behind_link(c, link_id))
    path = f"/p/link/{link_id}"
    visit = visit_of(request)
    # The time that the address chooses, and what it fills in.
    chosen = {
        name: value
        for name, value in visit.query.items()
        if name in ("start", "name", "email", "phone") or name.startswith(ANSWER)
    }
    response = see_other(visit, path, **chosen)
    keep(response, LINK, token, path, secure=parts.settings.is_secure, seconds=KEPT_SECONDS)
    return response


@routes.api_route("/p/link/{link_id}", methods=READ)
async def show_private(request: Request, link_id: str) -> Response:
    visited = await _private(request, link_id)
    response = await _show(request, visited)
    token, secure = request.cookies[LINK], parts_of(request).settings.is_secure
    keep(response, LINK, token, visited.path, secure=secure, seconds=KEPT_SECONDS)
    _keep_mark(response, request)
    return response


@routes.post("/p/link/{link_id}")
async def choose_private(request: Request, link_id: str) -> Response:
    return await choose_time(request, await _private(request, link_id))


def _keep_mark(response: Response, request: Request) -> None:
    """Let the browser keep its mark, on all pages: one that has a mark keeps the one it has."""
    if is_framed(request):  # another site's page, for which browsers keep no cookies of ours
        return
    parts = parts_of(request)
    mark, secure = parts.forms.mark(request), parts.settings.is_secure
    keep(response, MARK, mark, "/", secure=secure, seconds=MARK_SECONDS)


async def _public(request: Request, handle: str, slug: str) -> OfferingVisit:
    offering = await parts_of(request).offerings.at_address(handle, slug)
    visited = OfferingVisit(visit_of(request), f"/with/{handle}/{slug}", offering)
    note_frame_origins(request, visited.frame_origins)
    return visited


async def _private(request: Request, link_id: str) -> OfferingVisit:
    parts, id_ = parts_of(request), id_of(link_id, "link")
    if parts.tokens.read_link(request.cookies.get(LINK, "")) != id_:
        raise NotFound("link")
    offering = await parts.transactions.read(lambda c: offering_behind_link(c, id_))
    return OfferingVisit(visit_of(request), f"/p/link/{id_}", offering, id_)


async def _show(request: Request, visited: OfferingVisit) -> Response:
    parts, visit, offering = parts_of(request), visited.visit, visited.offering
    locked = offering.profile.time_zone_locked
    clock = visit.clock(offering.profile.time_zone, locked=locked)
    if SEARCH in visit.query and not locked:
        title = offering.settings.title
        return zones_page(visit, clock, visited.path, title, visited.frame_origins)
    held = await held_by(parts, request)
    opening = opening_of(parts, visited, held)
    shown = await pick_time(parts, visit, clock, opening, offering.settings)
    chosen = instants.instant_of(visit.query.get("start", ""))
    filled_in = prefilled(visit.query) or draft_of(request) or Draft()
    form = time_form(parts, visited, filled_in.fields)
    if chosen and shown.known and not shown.offers(chosen):
        response = await _lost(parts, visited, clock, opening, chosen, form)
    else:
        own = f"{parts.settings.public_url}{visited.path}" if visited.public_page else None
        content = _page(visited, clock, shown, form, held, chosen, own)
        response = page(visit, content, frame_origins=visited.frame_origins)
    if not filled_in.is_empty and not visit.framed:  # until a time is chosen, on whichever day
        secure = parts.settings.is_secure
        keep(
            response, DRAFT, filled_in.written(), visited.path, secure=secure, seconds=KEPT_SECONDS
        )
    return response


def _page(
    visited: OfferingVisit,
    clock: Clock,
    shown: Picker,
    form: TimeForm,
    held: BookingView | None,
    chosen: datetime | None,
    own_url: str | None,
) -> PickPage:
    visit, offering = visited.visit, visited.offering
    zone, public = offering.profile.time_zone, visited.public_page
    return pick_page(
        visit,
        clock,
        shown,
        path=visited.path,
        meeting=_words(visit, offering),
        length=timedelta(minutes=visited.minutes),
        lengths=visited.lengths(clock),
        # Nobody may show that page in a frame.
        organizers_page=visit.link(public) if public and not visit.framed else None,
        own_url=own_url,
        form=form,
        rules=Rules(offering.settings, zone_of(zone), datetime.now(UTC)),
        zone_locked=offering.profile.time_zone_locked,
        held=_held_time(visit, clock, held),
        chosen=chosen if shown.known else None,
    )


async def _lost(
    parts: Parts,
    visited: OfferingVisit,
    clock: Clock,
    opening: Opening,
    start: datetime,
    form: TimeForm,
) -> Response:
    """Return the page for a time that an address chooses and that is not free any more."""
    nearest = await parts.free_times.nearest(opening, start)
    return time_refused(
        visited.visit,
        clock,
        TimeRefused(SlotTaken(), nearest),
        start,
        form=form,
        all_times=visited.visit.link(visited.path, day=day_of(start, clock)),
        here=visited.path,
        status=200,
        frame_origins=visited.frame_origins,
    )


def _held_time(visit: Visit, clock: Clock, held: BookingView | None) -> HeldTime | None:
    if held is None:
        return None
    href = visit.link(f"/m/booking/{held.id}")
    return HeldTime(when=clock.moment(held.slot.start), href=href)


def _card(visit: Visit, handle: str, offering: Offering) -> MeetingCard:
    words = _words(visit, offering)
    clock = visit.clock(offering.profile.time_zone)
    return MeetingCard(
        href=visit.link(f"/with/{handle}/{offering.settings.slug}"),
        title=words.title,
        where=words.where,
        description=words.description,
        durations=_durations(clock, offering),
    )


def _words(visit: Visit, offering: Offering) -> MeetingWords:
    return meeting_words(
        visit.reader.language,
        title=offering.settings.title,
        organizer=offering.profile.display_name,
        location=offering.settings.location,
        more_locations=offering.settings.more_locations,
        description=offering.settings.description,
    )


def _durations(clock: Clock, offering: Offering) -> str:
    """Return the lengths to choose from in one line."""
    offered = offering.settings.durations_minutes
    return " / ".join(clock.duration(timedelta(minutes=minutes)) for minutes in offered)
