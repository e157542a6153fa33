"""All of an organizer's own data as one JSON document, of the shapes that the API has.

It is written while it is read, a part at a time: who has many bookings needs no more memory.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import get_args
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response, StreamingResponse

from services.booking.bookings.context import load_bookings
from services.booking.bookings.records import bookings_of
from services.booking.bookings.schemas import Status, booking_response
from services.booking.bookings.views import view_of as booking_view
from services.booking.meeting_types.schemas import meeting_type_response
from services.booking.meeting_types.views import view_types
from services.booking.offers.records import own_offers
from services.booking.offers.schemas import offer_response
from services.booking.offers.views import view_offers
from services.booking.page.schemas import (
    online_meeting_response,
    page_response,
    regular_hours_response,
)
from services.booking.private_links.records import link_rows
from services.booking.private_links.schemas import link_response
from services.booking.private_links.views import view_links
from services.booking.web.organizer.desk import READ, Desk, desk_of
from services.booking.web.organizer.page_state import PAGE
from services.booking.web.organizer.profile_form import own_page
from services.booking.web.responses import HEADERS
from services.chassis.ids import FIRST
from services.chassis.postgres.database import Connection

AT_ONCE = 200

routes = APIRouter(include_in_schema=False)

# Reads some things after a cursor; what is returned is written in its order.
Read = Callable[[Connection, UUID], Awaitable[Sequence[tuple[UUID, BaseModel]]]]


@routes.api_route(f"{PAGE}/export.json", methods=READ)
async def download(request: Request) -> Response:
    desk = await desk_of(request)
    view = await own_page(desk)
    owner = page_response(view, desk.parts.settings.public_url)
    headers = {**HEADERS, "Content-Disposition": 'attachment; filename="bookwith.json"'}
    single = {
        "page": owner,
        "online_meeting": online_meeting_response(view),
        "regular_hours": regular_hours_response(view),
    }
    document = _document(desk, single)
    return StreamingResponse(document, media_type="application/json", headers=headers)


async def _document(desk: Desk, single: dict[str, BaseModel]) -> AsyncIterator[str]:
    yield "{"
    for name, each in single.items():
        yield f"{json.dumps(name)}: {each.model_dump_json()},\n"
    lists = {"meeting_types": _types(desk), "offers": _offers(desk), "bookings": _bookings(desk)}
    for name, read in lists.items():
        yield f"{json.dumps(name)}: ["
        async for text in _written(desk, read):
            yield text
        yield "],\n"
    yield '"links": ['
    separator = ""
    for view in await desk.parts.transactions.read(lambda c: view_types(c, desk.organizer.id)):
        async for text in _written(desk, _links(desk, view.id), separator):
            yield text
            separator = ","
    yield "]}\n"


async def _written(desk: Desk, read: Read, separator: str = "") -> AsyncIterator[str]:
    cursor = FIRST

    def next_part() -> Awaitable[Sequence[tuple[UUID, BaseModel]]]:
        return desk.parts.transactions.read(lambda c: read(c, cursor))

    while True:
        found = await next_part()
        for id_, each in found:
            yield f"{separator}\n{each.model_dump_json()}"
            separator, cursor = ",", id_
        if len(found) < AT_ONCE:
            return


def _types(desk: Desk) -> Read:
    async def read(connection: Connection, after: UUID) -> Sequence[tuple[UUID, BaseModel]]:
        views = await view_types(connection, desk.organizer.id, after, AT_ONCE)
        url = desk.parts.settings.public_url
        return [(view.id, meeting_type_response(view, url)) for view in views]

    return read


def _links(desk: Desk, type_id: UUID) -> Read:
    async def read(connection: Connection, after: UUID) -> Sequence[tuple[UUID, BaseModel]]:
        views = await view_links(connection, await link_rows(connection, type_id, after, AT_ONCE))
        return [(view.id, link_response(view, desk.parts.tokens)) for view in views]

    return read


def _offers(desk: Desk) -> Read:
    async def read(connection: Connection, after: UUID) -> Sequence[tuple[UUID, BaseModel]]:
        rows = await own_offers(connection, desk.organizer.id, after, AT_ONCE)
        views = await view_offers(connection, desk.organizer.id, rows) if rows else []
        return [(view.id, offer_response(view, desk.parts.tokens)) for view in views]

    return read


def _bookings(desk: Desk) -> Read:
    async def read(connection: Connection, after: UUID) -> Sequence[tuple[UUID, BaseModel]]:
        ids = await bookings_of(connection, desk.organizer.id, get_args(Status), after, AT_ONCE)
        contexts = await load_bookings(connection, ids) if ids else []
        return [
            (view.id, booking_response(view, desk.parts.tokens, to="organizer"))
            for view in map(booking_view, contexts)
        ]

    return read
