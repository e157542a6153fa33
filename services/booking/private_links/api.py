"""The API of private links, seen by their organizer only."""

from collections.abc import Sequence
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.callers import id_of
from services.booking.headers import IfMatch, Limit
from services.booking.meeting_types.views import view_type
from services.booking.parts import Parts, parts_of
from services.booking.private_links import commands
from services.booking.private_links.records import link_rows
from services.booking.private_links.schemas import (
    LinkBody,
    LinkPatch,
    LinkResponse,
    changed,
    details_of,
    limits_of,
    link_response,
)
from services.booking.private_links.views import LinkView, view_link, view_links
from services.chassis.http.conditional import tagged, version_if_named
from services.chassis.http.documentation import BEARER
from services.chassis.http.listing import ListPage, cursor_of, list_page, minted_id
from services.chassis.http.routing import ApiRoute
from services.chassis.postgres.database import Connection

routes = APIRouter(
    prefix="/api/booking/v1", route_class=ApiRoute, tags=["private links"], dependencies=[BEARER]
)


@routes.get("/meeting-types/{type_id}/links")
async def list_links(
    request: Request, type_id: str, limit: Limit = 50, cursor: str | None = None
) -> ListPage[LinkResponse]:
    parts = parts_of(request)
    organizer = await parts.callers.organizer(request)
    id_, after = id_of(type_id, "meeting type"), cursor_of(cursor)

    async def work(connection: Connection) -> Sequence[LinkView]:
        await view_type(connection, id_, organizer.id)
        return await view_links(connection, await link_rows(connection, id_, after, limit + 1))

    views = await parts.transactions.read(work)
    return list_page([link_response(view, parts.tokens) for view in views], limit)


@routes.post("/meeting-types/{type_id}/links", status_code=201, response_model=LinkResponse)
async def issue_link(request: Request, type_id: str, body: LinkBody | None = None) -> Response:
    parts = parts_of(request)
    organizer = await parts.callers.organizer(request)
    type_, link_id = id_of(type_id, "meeting type"), minted_id(request)
    settings, asked = parts.settings, body or LinkBody()
    limits = partial(limits_of, asked, settings.link_default_days)
    minimum, details = settings.link_minimum_seconds, details_of(asked)
    issued = await parts.transactions.write(
        lambda c: commands.issue_link(c, link_id, organizer.id, type_, limits, details, minimum)
    )
    return _answer(parts, issued, 201)


@routes.get("/links/{link_id}", response_model=LinkResponse)
async def get_link(request: Request, link_id: str) -> Response:
    parts = parts_of(request)
    organizer = await parts.callers.organizer(request)
    id_ = id_of(link_id, "link")
    return _answer(parts, await parts.transactions.read(lambda c: view_link(c, id_, organizer.id)))


@routes.patch("/links/{link_id}", response_model=LinkResponse)
async def change_link(
    request: Request, link_id: str, body: LinkPatch, if_match: IfMatch = None
) -> Response:
    parts = parts_of(request)
    organizer = await parts.callers.organizer(request)
    id_, expected = id_of(link_id, "link"), version_if_named(if_match)
    minimum = parts.settings.link_minimum_seconds

    view = await parts.transactions.write(
        lambda c: commands.change_link(
            c,
            id_,
            organizer.id,
            lambda link, details: changed(link.limits, details, body),
            minimum,
            expected,
        )
    )
    return _answer(parts, view)


@routes.delete("/links/{link_id}", status_code=204, response_class=Response)
async def revoke_link(request: Request, link_id: str, if_match: IfMatch = None) -> Response:
    parts = parts_of(request)
    organizer = await parts.callers.organizer(request)
    id_, expected = id_of(link_id, "link"), version_if_named(if_match)
    await parts.transactions.write(lambda c: commands.revoke_link(c, id_, organizer.id, expected))
    return Response(status_code=204)


def _answer(parts: Parts, view: LinkView, status: int = 200) -> Response:
    body = link_response(view, parts.tokens)
    return tagged(body, view.version, status)
