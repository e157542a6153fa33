"""The API of a booking's history: for its organizer, and for whoever holds its token."""

from fastapi import APIRouter, Request

from services.booking.documentation import MANAGE_TOKEN
from services.booking.history.schemas import (
    HistoryResponse,
    StepsResponse,
    entry_response,
    step_response,
)
from services.booking.history.views import view_history, view_steps
from services.booking.parts import parts_of
from services.chassis.http.documentation import BEARER
from services.chassis.http.routing import ApiRoute

routes = APIRouter(
    prefix="/api/booking/v1",
    route_class=ApiRoute,
    tags=["bookings"],
    dependencies=[BEARER, MANAGE_TOKEN],
)


@routes.get("/bookings/{booking_id}/history")
async def history(request: Request, booking_id: str) -> HistoryResponse:
    """Return who did what, when and why."""
    parts = parts_of(request)
    caller = await parts.callers.of_booking(request, booking_id)
    entries = await parts.transactions.read(lambda c: view_history(c, caller.booking_id))
    return HistoryResponse(items=[entry_response(entry, caller.by) for entry in entries])


@routes.get("/bookings/{booking_id}/steps")
async def steps(request: Request, booking_id: str) -> StepsResponse:
    """Return each event with the state before and after it, the rule and the actor."""
    parts = parts_of(request)
    caller = await parts.callers.of_booking(request, booking_id)
    found = await parts.transactions.read(lambda c: view_steps(c, caller.booking_id))
    return StepsResponse(items=[step_response(step, caller.by) for step in found])
