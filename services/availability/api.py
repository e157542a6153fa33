"""Availability over HTTP: the slots that are offered, and why a time is not."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from contracts.capabilities import MANAGE, PRIVATE_LINK
from contracts.problem_types import (
    INVALID,
    LINK_DEAD,
    NOT_AVAILABLE,
    NOT_FOUND,
)
from services.availability import offers, schemas, views
from services.availability.domain.refusals import (
    BookingNotFound,
    DurationNotOffered,
    LinkEnded,
    LinkNotArrived,
    LinkSuspended,
    MeetingTypeNotFound,
    PageNotAvailable,
    Refusal,
)
from services.availability.parameters import instant_of, period_of
from services.availability.parts import Parts
from services.chassis.http.documentation import BEARER, token_header
from services.chassis.http.faults import pointer_to
from services.chassis.http.parts import parts_of
from services.chassis.http.problems import Problem, response, unavailable
from services.chassis.http.routing import ApiRoute
from services.chassis.ids import parse_id
from services.chassis.runtime.assembly import RefusalAnswer

MANAGE_TOKEN = token_header(
    MANAGE.header, "manage_token", "The token of the booking that is moved: its own time is free."
)
LINK_TOKEN = token_header(
    PRIVATE_LINK.header, "link_token", "The token of the private link to a private meeting type."
)

routes = APIRouter(prefix="/api/availability/v1", route_class=ApiRoute, tags=["availability"])


@routes.get("/slots", dependencies=[LINK_TOKEN, MANAGE_TOKEN], response_model=schemas.Slots)
async def get_slots(
    request: Request,
    meeting_type_id: str,
    start: Annotated[str, Query(alias="from")],
    end: Annotated[str, Query(alias="to")],
    time_zone: str = "UTC",
    rescheduling: str | None = None,
    duration_minutes: int | None = None,
    for_attendee: bool = False,
) -> Response:
    """Return the slots that the caller may book; of the default duration if none is named.

    With an organizer's token all that are free, or with `for_attendee` what an attendee could book.
    """
    parts = parts_of(request, Parts)
    question = offers.SlotsQuestion(
        meeting_type_id=parse_id(meeting_type_id),
        period=period_of(start, end, time_zone),
        booking_id=_moved_booking(parts, request, rescheduling),
        link_id=_shown_link(parts, request),
        organizer_id=parts.acting_organizer(request),
        for_attendee=for_attendee,
        duration_minutes=duration_minutes,
    )
    found = views.slots(await offers.find_slots(parts.database, question))
    headers = {"ETag": f'"{found.tag}"', "Cache-Control": "no-cache"}
    return Response(found.content, headers=headers, media_type="application/json")


@routes.get("/explain", dependencies=[BEARER])
async def get_explanation(
    request: Request, meeting_type_id: str, start: str
) -> schemas.Explanation:
    """Return why a start is offered or not, to the organizer whose meeting type it is."""
    parts = parts_of(request, Parts)
    organizer_id = await parts.caller(request)
    at = instant_of(start, "start")
    reasons = await offers.explain_start(
        parts.database, parse_id(meeting_type_id), organizer_id, at
    )
    return views.explanation(reasons)


def _moved_booking(parts: Parts, request: Request, rescheduling: str | None) -> UUID | None:
    """Return the booking whose own time counts as free: its manage token must be shown."""
    if rescheduling is None:
        return None
    booking_id = parts.id_in(request.headers.get(MANAGE.header) or "", MANAGE)
    if booking_id is None or booking_id != parse_id(rescheduling):
        raise BookingNotFound
    return booking_id


def _shown_link(parts: Parts, request: Request) -> UUID | None:
    """Return the private link whose token is shown; one that is not genuine opens nothing."""
    token = request.headers.get(PRIVATE_LINK.header)
    if token is None:
        return None
    link_id = parts.id_in(token, PRIVATE_LINK)
    if link_id is None:
        raise MeetingTypeNotFound
    return link_id


async def _on_refusal(request: Request, error: Exception) -> Response:
    match error:
        case LinkEnded():
            return response(Problem(LINK_DEAD, str(error), reason=error.reason))
        case LinkSuspended():
            return response(Problem(NOT_AVAILABLE, str(error), status=403))
        case PageNotAvailable():
            return response(Problem(NOT_AVAILABLE, str(error)))
        case DurationNotOffered():
            pointer = pointer_to("query", "duration_minutes")
            errors = [{"pointer": pointer, "detail": str(error)}]
            return response(Problem(INVALID, str(error), errors=errors))
        case LinkNotArrived():
            return response(unavailable(str(error)))
        case _:
            return response(Problem(NOT_FOUND, str(error)))


REFUSALS: dict[type[Exception], RefusalAnswer] = {Refusal: _on_refusal}
