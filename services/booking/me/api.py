"""The API for attendees to see and erase what is held about them, by a mailed link."""

from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.budgets import spend_address
from services.booking.callers import id_of
from services.booking.documentation import HELD_DATA_TOKEN
from services.booking.domain.refusals import NotFound
from services.booking.me import commands, views
from services.booking.me.schemas import (
    AddressBody,
    ErasureResponse,
    HeldDataResponse,
    RequestedResponse,
    erasure_response,
    held_data_response,
)
from services.booking.parts import parts_of
from services.chassis.http.documentation import BEARER
from services.chassis.http.listing import minted_id
from services.chassis.http.routing import ApiRoute

routes = APIRouter(prefix="/api/booking/v1/me", route_class=ApiRoute, tags=["held data"])
REQUESTED = "If anything is held about this address, a link to see it is on its way there."


@routes.post("/requests", status_code=202)
async def request_data(request: Request, body: AddressBody) -> RequestedResponse:
    """Mail a link to the address; the answer is the same whether anything is held or not."""
    parts = parts_of(request)
    spend_address(body.email)
    minutes, request_id = parts.settings.held_data_link_minutes, minted_id(request)
    await parts.transactions.write(
        lambda c: commands.request_data(c, body.email, request_id, timedelta(minutes=minutes))
    )
    return RequestedResponse(detail=REQUESTED, link_minutes=minutes)


@routes.get("", dependencies=[HELD_DATA_TOKEN])
async def show(request: Request, response: Response, *, download: bool = False) -> HeldDataResponse:
    """Show all that is held; after the erasure, which services have erased it."""
    parts = parts_of(request)
    request_id = parts.callers.data_request(request)
    held = await parts.transactions.read(lambda c: views.held_by_request(c, request_id))
    if download:
        response.headers["Content-Disposition"] = 'attachment; filename="held-data.json"'
    return held_data_response(held)


@routes.delete("", status_code=202, dependencies=[HELD_DATA_TOKEN])
async def erase(request: Request) -> ErasureResponse:
    """Erase all that is held; asked again, the answer is the same erasure."""
    parts = parts_of(request)
    request_id, minted = parts.callers.data_request(request), minted_id(request)
    erased = await parts.transactions.write(
        lambda c: commands.erase_by_request(c, request_id, minted)
    )
    return erasure_response(erased)


@routes.get("/erasures/{erasure_id}", dependencies=[HELD_DATA_TOKEN, BEARER])
async def show_erasure(request: Request, erasure_id: str) -> ErasureResponse:
    """Show the receipts: to the person who was erased, and to administrators."""
    parts = parts_of(request)
    id_ = id_of(erasure_id, "erasure")
    if parts.callers.shows_data_token(request):
        request_id = parts.callers.data_request(request)
        opened = await parts.transactions.read(lambda c: views.open_request(c, request_id))
        _refuse_if_other(opened.erasure_id, id_)
    else:
        await parts.callers.administrator(request)
    return erasure_response(await parts.transactions.read(lambda c: views.view_erasure(c, id_)))


def _refuse_if_other(own: UUID | None, asked: UUID) -> None:
    if own != asked:
        raise NotFound("erasure")
