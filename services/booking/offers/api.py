"""The API of offers, seen by their organizer only."""

from collections.abc import Sequence
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.callers import id_of
from services.booking.headers import Limit
from services.booking.offers.commands import make_offer, withdraw_offer
from services.booking.offers.free import refuse_if_not_free, with_free_times
from services.booking.offers.records import own_offers
from services.booking.offers.schemas import OfferBody, OfferResponse, offer_response, request_of
from services.booking.offers.views import OfferView, view_offer, view_offers
from services.booking.parts import Parts, parts_of
from services.chassis.http.conditional import tagged
from services.chassis.http.documentation import BEARER
from services.chassis.http.listing import ListPage, cursor_of, list_page, minted_id
from services.chassis.http.routing import ApiRoute
from services.chassis.postgres.database import Connection

routes = APIRouter(
    prefix="/api/booking/v1", route_class=ApiRoute, tags=["offers"], dependencies=[BEARER]
)


@routes.get("/offers")
async def list_offers(
    request: Request, limit: Limit = 50, cursor: str | None = None
) -> ListPage[OfferResponse]:
    """The states of times are as far as bookings tell; one offer is compared with the calendar."""
    parts = parts_of(request)
    organizer, after = await parts.callers.organizer(request), cursor_of(cursor)

    async def work(connection: Connection) -> Sequence[OfferView]:
        rows = await own_offers(connection, organizer.id, after, limit + 1)
        return await view_offers(connection, organizer.id, rows) if rows else []

    views = await parts.transactions.read(work)
    return list_page([offer_response(view, parts.tokens) for view in views], limit)


@routes.post("/offers", status_code=201, response_model=OfferResponse)
async def create_offer(request: Request, body: OfferBody) -> Response:
    parts = parts_of(request)
    organizer, id_ = await parts.callers.organizer(request), minted_id(request)
    asked = request_of(body, id_, organizer.id)
    await make_offer(
        parts.transactions,
        asked,
        parts.settings.link_minimum_seconds,
        partial(refuse_if_not_free, parts.free_times, parts.tokens, asked),
    )
    view = await parts.transactions.read(lambda c: view_offer(c, id_, organizer.id))
    return await _answer(parts, view, 201)


@routes.get("/offers/{offer_id}", response_model=OfferResponse)
async def get_offer(request: Request, offer_id: str) -> Response:
    parts = parts_of(request)
    organizer = await parts.callers.organizer(request)
    id_ = id_of(offer_id, "offer")
    view = await parts.transactions.read(lambda c: view_offer(c, id_, organizer.id))
    return await _answer(parts, view)


@routes.delete("/offers/{offer_id}", status_code=204, response_class=Response)
async def delete_offer(request: Request, offer_id: str) -> Response:
    parts = parts_of(request)
    organizer = await parts.callers.organizer(request)
    id_ = id_of(offer_id, "offer")
    await parts.transactions.write(lambda c: withdraw_offer(c, id_, organizer.id))
    return Response(status_code=204)


async def _answer(parts: Parts, view: OfferView, status: int = 200) -> Response:
    compared = await with_free_times(parts.free_times, parts.tokens, view)
    return tagged(offer_response(compared, parts.tokens), view.version, status)
