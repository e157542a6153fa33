"""The organizer's answers: approve or decline what was asked for."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.bookings.views import BookingView
from services.booking.domain.refusals import Invalid, Refusal
from services.booking.web.organizer.booking import booking_page
from services.booking.web.organizer.booking_lines import BOOKINGS
from services.booking.web.organizer.desk import DONE, form_of
from services.booking.web.organizer.own_booking import OwnBooking, own_booking
from services.booking.web.organizer.refused import refused_in_words
from services.chassis.text.typed import trimmed

routes = APIRouter(include_in_schema=False)


@routes.post(f"{BOOKINGS}/{{booking_id}}/approve")
async def approve(request: Request, booking_id: str) -> Response:
    form_at = f"{BOOKINGS}/{booking_id}"
    desk, fields = await form_of(request, f"approve-{booking_id}", form_at=form_at)
    own = await own_booking(desk, booking_id)
    return await _answer(own, fields, "approved", lambda: desk.parts.answers.approve(own.id))


@routes.post(f"{BOOKINGS}/{{booking_id}}/decline")
async def decline(request: Request, booking_id: str) -> Response:
    form_at = f"{BOOKINGS}/{booking_id}"
    desk, fields = await form_of(request, f"decline-{booking_id}", form_at=form_at)
    own, reason = await own_booking(desk, booking_id), trimmed(fields.get("reason", ""))
    return await _answer(
        own, fields, "declined", lambda: desk.parts.answers.decline(own.id, reason)
    )


async def _answer(
    own: OwnBooking,
    fields: dict[str, str],
    done: str,
    command: Callable[[], Awaitable[BookingView]],
) -> Response:
    """Carry the answer out and lead back to where it was given; a refusal shows the booking."""
    try:
        await command()
    except Refusal as refusal:
        now, reason = await own_booking(own.desk, str(own.id)), fields.get("reason", "")
        if isinstance(refusal, Invalid):
            return await booking_page(now, problem=["fault.reason"], reason=reason, status=422)
        words = refused_in_words(now, refusal)
        return await booking_page(now, problem=words, reason=reason, status=409)
    place = BOOKINGS if fields.get("back") == "list" else own.path
    return own.desk.see_other(place, **{DONE: done})
