"""The pages on which an organizer cancels a meeting, or asks its attendee for another time."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.bookings.views import BookingView
from services.booking.domain import booking
from services.booking.domain.refusals import Invalid, Refusal
from services.booking.web.organizer.booking import booking_page
from services.booking.web.organizer.booking_lines import BOOKINGS
from services.booking.web.organizer.desk import DONE, READ, desk_of, form_of
from services.booking.web.organizer.own_booking import OwnBooking, own_booking
from services.booking.web.organizer.refused import refused_in_words
from services.chassis.text.typed import trimmed

Act = Literal["cancel", "ask"]

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPage:
    """The question before a booking is changed, with room for the reason."""

    TEMPLATE: ClassVar[str] = "organizer/confirm.html"

    act: Act
    who: str
    title: str
    when: str
    zone: str
    action: str
    form_key: str
    reason: str
    fault: bool
    back: str


@routes.api_route(f"{BOOKINGS}/{{booking_id}}/cancel", methods=READ)
async def ask_to_cancel(request: Request, booking_id: str) -> Response:
    own = await own_booking(await desk_of(request), booking_id)
    if not isinstance(own.view.state, booking.Confirmed):
        return own.desk.see_other(own.path)
    return _confirm_page(own, "cancel", _typed_before(own))


@routes.post(f"{BOOKINGS}/{{booking_id}}/cancel")
async def cancel(request: Request, booking_id: str) -> Response:
    form_at = f"{BOOKINGS}/{booking_id}/cancel"
    desk, fields = await form_of(request, f"cancel-{booking_id}", form_at=form_at)
    own, reason = await own_booking(desk, booking_id), trimmed(fields.get("reason", ""))
    return await _change(
        own,
        "cancel",
        reason,
        lambda: desk.parts.bookings.cancel(own.id, "organizer", reason),
    )


@routes.api_route(f"{BOOKINGS}/{{booking_id}}/ask", methods=READ)
async def ask_for_question(request: Request, booking_id: str) -> Response:
    own = await own_booking(await desk_of(request), booking_id)
    if not isinstance(own.view.state, booking.Confirmed) or own.has_begun:
        return own.desk.see_other(own.path)
    return _confirm_page(own, "ask", _typed_before(own))


@routes.post(f"{BOOKINGS}/{{booking_id}}/ask")
async def ask_to_move(request: Request, booking_id: str) -> Response:
    form_at = f"{BOOKINGS}/{booking_id}/ask"
    desk, fields = await form_of(request, f"ask-{booking_id}", form_at=form_at)
    own, reason = await own_booking(desk, booking_id), trimmed(fields.get("reason", ""))
    return await _change(own, "ask", reason, lambda: desk.parts.answers.ask_to_move(own.id, reason))


async def _change(
    own: OwnBooking, act: Act, reason: str, command: Callable[[], Awaitable[BookingView]]
) -> Response:
    try:
        await command()
    except Invalid:
        return _confirm_page(own, act, reason, fault=True)
    except Refusal as refusal:
        now = await own_booking(own.desk, str(own.id))
        words: Sequence[str] = refused_in_words(now, refusal)
        return await booking_page(now, problem=words, status=409)
    return own.desk.see_other(own.path, **{DONE: "cancelled" if act == "cancel" else "asked"})


def _confirm_page(own: OwnBooking, act: Act, reason: str, *, fault: bool = False) -> Response:
    content = ConfirmPage(
        act=act,
        who=own.who,
        title=own.meeting.title,
        when=own.when,
        zone=own.zone,
        action=own.link(f"/{act}"),
        form_key=own.key(act),
        reason=reason,
        fault=fault,
        back=own.link(),
    )
    status, here = (422 if fault else 200), f"{own.path}/{act}"
    return own.desk.show(content, "bookings", status=status, here=here)


def _typed_before(own: OwnBooking) -> str:
    return (own.desk.typed_before() or {}).get("reason", "")
