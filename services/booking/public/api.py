"""The API of visitors: what an attendee may see without an account."""

from fastapi import APIRouter, Request

from services.booking.callers import id_of
from services.booking.documentation import LINK_TOKEN
from services.booking.domain.refusals import NotFound
from services.booking.parts import parts_of
from services.booking.public.offerings import offering_behind_link, offering_of_type, open_page
from services.booking.public.schemas import (
    PublicPageResponse,
    PublicTypeResponse,
    public_page_response,
    public_type_response,
)
from services.chassis.http.routing import ApiRoute

routes = APIRouter(prefix="/api/booking/v1/public", route_class=ApiRoute, tags=["attendee"])


@routes.get("/pages/{handle}")
async def show_page(request: Request, handle: str) -> PublicPageResponse:
    parts = parts_of(request)
    return public_page_response(await parts.transactions.read(lambda c: open_page(c, handle)))


@routes.get("/meeting-types/{type_id}", dependencies=[LINK_TOKEN])
async def show_type(request: Request, type_id: str) -> PublicTypeResponse:
    parts = parts_of(request)
    id_, link_id = id_of(type_id, "meeting type"), parts.callers.shown_link(request)
    if link_id is None:
        offering = await parts.transactions.read(lambda c: offering_of_type(c, id_))
    else:
        offering = await parts.transactions.read(lambda c: offering_behind_link(c, link_id))
    if offering.id != id_:
        raise NotFound("meeting type")
    return public_type_response(offering)


@routes.get("/links/{token}")
async def show_link(request: Request, token: str) -> PublicTypeResponse:
    parts = parts_of(request)
    link_id = parts.callers.link_of(token)
    return public_type_response(
        await parts.transactions.read(lambda c: offering_behind_link(c, link_id))
    )
