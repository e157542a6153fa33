"""The API for administrators: what is held about a person, and its erasure."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.attendees.erasure import erase_person, records_of
from services.booking.callers import id_of
from services.booking.me.schemas import (
    AddressBody,
    FoundAttendee,
    FoundAttendees,
    HeldDataResponse,
    held_data_response,
)
from services.booking.me.views import held_by_person
from services.booking.parts import parts_of
from services.booking.private_links.details import links_addressed_to
from services.chassis.http.documentation import BEARER
from services.chassis.http.listing import minted_id
from services.chassis.http.routing import ApiRoute

routes = APIRouter(
    prefix="/api/booking/v1/attendees",
    route_class=ApiRoute,
    tags=["held data"],
    dependencies=[BEARER],
)


@routes.post("/find")
async def find(request: Request, body: AddressBody) -> FoundAttendees:
    """Find the records with an address, which does not belong into an address of ours."""
    parts = parts_of(request)
    await parts.callers.administrator(request)
    found = await parts.transactions.read(lambda c: records_of(c, body.email))
    links = await parts.transactions.read(lambda c: links_addressed_to(c, body.email))
    return FoundAttendees(
        items=[
            *(
                FoundAttendee(
                    id=each.id,
                    booking_id=each.booking_id,
                    link_id=None,
                    organizer_id=each.organizer_id,
                )
                for each in found
            ),
            *(
                FoundAttendee(
                    id=each.id,
                    booking_id=None,
                    link_id=each.link_id,
                    organizer_id=each.organizer_id,
                )
                for each in links
            ),
        ]
    )


@routes.get("/{attendee_id}")
async def export(request: Request, attendee_id: str) -> HeldDataResponse:
    """Return all that is held about the person of that record, in all records of theirs."""
    parts = parts_of(request)
    await parts.callers.administrator(request)
    id_ = id_of(attendee_id, "attendee")
    return held_data_response(await parts.transactions.read(lambda c: held_by_person(c, id_)))


@routes.delete("/{attendee_id}", status_code=204, response_class=Response)
async def erase(request: Request, attendee_id: str) -> Response:
    """Erase the person in all records with their address; `Location` shows the receipts."""
    parts = parts_of(request)
    await parts.callers.administrator(request)
    id_, minted = id_of(attendee_id, "attendee"), minted_id(request)
    erasure_id = await parts.transactions.write(
        lambda c: erase_person(c, id_, minted, "administrator")
    )
    location = f"/api/booking/v1/me/erasures/{erasure_id}"
    return Response(status_code=204, headers={"Location": location})
