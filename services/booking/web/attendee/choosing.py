"""Choosing a time: it is held for the browser, which holds one time only."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from services.booking.bookings.reservation import Reservation
from services.booking.bookings.views import BookingView
from services.booking.budgets import MARK
from services.booking.parts import Parts, parts_of
from services.booking.web.attendee import hold
from services.booking.web.attendee.booking_visit import day_of, visit_of_booking
from services.booking.web.attendee.draft import DRAFT, Draft, draft_of, typed_in
from services.booking.web.attendee.offering_visit import OfferingVisit, held_by, time_form
from services.booking.web.attendee.time_refused import time_refused
from services.booking.web.forms import (
    FIELD,
    HOLD,
    KEPT_SECONDS,
    MANAGE,
    fields_of,
    instant_of,
    keep,
)
from services.booking.web.responses import BY_ADDRESS, see_other


async def choose_time(request: Request, visited: OfferingVisit) -> Response:
    """Hold the time for the visitor, instead of one that this browser holds already."""
    parts, visit, offering = parts_of(request), visited.visit, visited.offering
    fields = await fields_of(request)
    start = instant_of(fields.get("start", ""))
    place = f"{visited.path}?{visited.other_minutes}" if visited.other_minutes else visited.path
    booking_id = parts.forms.booking_id(fields.get(FIELD, ""), place, start)
    typed, held = typed_in(fields, sent=False), await held_by(parts, request)
    if typed.is_empty:
        typed = draft_of(request) or typed
    if held and _is_the_same(visited, held, start):
        booking_id = held.id
    asked = Reservation(
        booking_id=booking_id,
        meeting_type_id=offering.id,
        start=start,
        link_id=visited.link_id,
        instead_of=held.id if held and held.id != booking_id else None,
        duration_minutes=visited.other_minutes,
    )
    if refused := await parts.bookings.reserve(asked):
        profile = offering.profile
        clock = visit.clock(profile.time_zone, locked=profile.time_zone_locked)
        return time_refused(
            visit,
            clock,
            refused,
            start,
            form=time_form(parts, visited, typed.fields),
            all_times=visit.link(visited.path, day=day_of(start, clock)),
            here=visited.path,
            frame_origins=visited.frame_origins,
        )
    if asked.instead_of:
        await _give_up(parts, asked.instead_of)
    if visit.framed:
        return await _holding_in_frame(parts, request, visited, booking_id, typed)
    keeps_cookies = visited.link_id is not None or MARK in request.cookies
    return _holding(parts, visited, booking_id, typed, keeps_cookies=keeps_cookies)


def _is_the_same(visited: OfferingVisit, held: BookingView, start: datetime) -> bool:
    """Tell whether this browser holds already what it asks for."""
    is_same_time = held.slot.start == start and visited.has_the_length(held)
    return is_same_time and visited.is_held_here(held)


def _holding(
    parts: Parts, visited: OfferingVisit, booking_id: UUID, typed: Draft, *, keeps_cookies: bool
) -> Response:
    """Lead on to the booking; the browser keeps what opens it, and that it holds a time here.

    One that keeps nothing is shown the booking by its address: the time would stay held unseen.
    """
    path, token = f"/m/booking/{booking_id}", parts.tokens.manage(booking_id)
    secure, seconds = parts.settings.is_secure, parts.settings.hold_seconds
    response = see_other(visited.visit, path, token=None if keeps_cookies else token)
    keep(response, MANAGE, token, path, secure=secure, seconds=KEPT_SECONDS)
    # Wherever they go on this site: nobody holds several times at once. It may be extended once.
    keep(response, HOLD, token, "/", secure=secure, seconds=2 * seconds)
    if not typed.is_empty:
        keep(response, DRAFT, typed.written(), path, secure=secure, seconds=KEPT_SECONDS)
    return response


async def _holding_in_frame(
    parts: Parts, request: Request, visited: OfferingVisit, booking_id: UUID, typed: Draft
) -> Response:
    """Lead on to the booking in a frame of another site, where browsers keep no cookies of ours.

    What opens the booking is in its address. What was typed would be lost on the way: with it, the
    form is shown at once.
    """
    token = parts.tokens.manage(booking_id)
    if typed.is_empty:
        return see_other(visited.visit, f"/m/booking/{booking_id}", token=token)
    shown = await visit_of_booking(parts, request, booking_id, token)
    visit = replace(shown.visit, query={**shown.visit.query, BY_ADDRESS: token})
    return await hold.show(parts, replace(shown, visit=visit), typed=hold.Typed(typed))


async def _give_up(parts: Parts, booking_id: UUID) -> None:
    """Release the time that was held so far if it was another organizer's or another link's."""
    if (await parts.bookings.view(booking_id)).status == "held":
        await parts.bookings.release(booking_id)
