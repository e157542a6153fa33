"""The API of meeting types, for their organizer."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.callers import id_of
from services.booking.headers import IfMatch, Limit
from services.booking.meeting_types import commands
from services.booking.meeting_types.schemas import (
    DuplicateBody,
    MeetingTypeBody,
    MeetingTypePatch,
    MeetingTypeResponse,
    meeting_type_response,
    patched,
    settings_of,
)
from services.booking.meeting_types.views import MeetingTypeView, view_of, view_type, view_types
from services.booking.parts import Parts, parts_of
from services.chassis.http.conditional import tagged, version_if_named
from services.chassis.http.documentation import BEARER
from services.chassis.http.listing import ListPage, cursor_of, list_page, minted_id
from services.chassis.http.routing import ApiRoute
from services.chassis.postgres.database import Connection

routes = APIRouter(
    prefix="/api/booking/v1", route_class=ApiRoute, tags=["organizer"], dependencies=[BEARER]
)


@routes.get("/meeting-types")
async def list_types(
    request: Request, limit: Limit = 50, cursor: str | None = None
) -> ListPage[MeetingTypeResponse]:
    parts = parts_of(request)
    organizer = await parts.callers.organizer(request)
    after = cursor_of(cursor)
    views = await parts.transactions.read(lambda c: view_types(c, organizer.id, after, limit + 1))
    url = parts.settings.public_url
    return list_page([meeting_type_response(view, url) for view in views], limit)


@routes.post("/meeting-types", status_code=201, response_model=MeetingTypeResponse)
async def create_type(request: Request, body: MeetingTypeBody) -> Response:
    parts = parts_of(request)
    organizer = await parts.callers.organizer(request)
    id_, settings = minted_id(request), settings_of(body)

    async def work(connection: Connection) -> MeetingTypeView:
        created = await commands.create_type(connection, id_, organizer.id, settings)
        return await view_of(connection, id_, organizer.id, created)

    return _answer(parts, await parts.transactions.write(work), 201)


@routes.get("/meeting-types/{type_id}", response_model=MeetingTypeResponse)
async def get_type(request: Request, type_id: str) -> Response:
    parts = parts_of(request)
    organizer = await parts.callers.organizer(request)
    id_ = id_of(type_id, "meeting type")
    view = await parts.transactions.read(lambda c: view_type(c, id_, organizer.id))
    return _answer(parts, view)


@routes.patch("/meeting-types/{type_id}", response_model=MeetingTypeResponse)
async def patch_type(
    request: Request, type_id: str, body: MeetingTypePatch, if_match: IfMatch = None
) -> Response:
    parts = parts_of(request)
    organizer = await parts.callers.organizer(request)
    id_, expected = id_of(type_id, "meeting type"), version_if_named(if_match)

    async def work(connection: Connection) -> MeetingTypeView:
        changed = await commands.change_type(
            connection, id_, organizer.id, lambda settings: patched(settings, body), expected
        )
        return await view_of(connection, id_, organizer.id, changed)

    return _answer(parts, await parts.transactions.write(work))


@routes.post(
    "/meeting-types/{type_id}/duplicate", status_code=201, response_model=MeetingTypeResponse
)
async def duplicate_type(
    request: Request, type_id: str, body: DuplicateBody | None = None
) -> Response:
    parts, asked = parts_of(request), body or DuplicateBody()
    organizer = await parts.callers.organizer(request)
    id_, copied = minted_id(request), id_of(type_id, "meeting type")

    async def work(connection: Connection) -> MeetingTypeView:
        copy = await commands.duplicate_type(
            connection, id_, copied, organizer.id, title=asked.title, slug=asked.slug
        )
        return await view_of(connection, id_, organizer.id, copy)

    return _answer(parts, await parts.transactions.write(work), 201)


@routes.delete("/meeting-types/{type_id}", status_code=204, response_class=Response)
async def delete_type(request: Request, type_id: str, if_match: IfMatch = None) -> Response:
    parts = parts_of(request)
    organizer = await parts.callers.organizer(request)
    id_, expected = id_of(type_id, "meeting type"), version_if_named(if_match)
    await parts.transactions.write(lambda c: commands.delete_type(c, id_, organizer.id, expected))
    return Response(status_code=204)


def _answer(parts: Parts, view: MeetingTypeView, status: int = 200) -> Response:
    body = meeting_type_response(view, parts.settings.public_url)
    return tagged(body, view.version, status)
