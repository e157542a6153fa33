"""The API of organizers: their page, their meeting types, their private links, their bookings."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from contracts.capabilities import MANAGE
from services.booking import queries
from services.booking.domain import page
from services.booking.handlers import meeting_types, pages
from services.booking.http import shapes
from services.booking.http.answers import (
    Bookings,
    MeetingTypes,
    MeetingTypeSeen,
    PageSeen,
    Seen,
)
from services.booking.http.bodies import AddressBody, MeetingTypeBody, MeetingTypePatch, PageBody
from services.booking.http.documentation import MANAGE_TOKEN
from services.booking.http.parts import Parts, id_of
from services.booking.seeing import View, see_all
from services.chassis.http.conditional import tagged, version_if_named
from services.chassis.http.documentation import BEARER
from services.chassis.http.listing import cursor_of, listed, minted_id
from services.chassis.postgres.database import Connection

IfMatch = Annotated[str | None, Header(alias="If-Match")]
Limit = Annotated[int, Query(ge=1, le=200)]
Status = Literal["held", "requested", "confirmed", "declined", "cancelled", "released"]
SHOWN_STATUSES: tuple[Status, ...] = ("confirmed", "requested", "declined", "cancelled")


def router(parts: Parts) -> APIRouter:
    """Return the routes of a signed-in organizer."""
    routes = APIRouter(prefix="/api/booking/v1", tags=["organizer"], dependencies=[BEARER])
    _add_page(routes, parts)
    _add_meeting_types(routes, parts)

    @routes.get("/bookings", response_model=Bookings, dependencies=[MANAGE_TOKEN])
    async def bookings(
        request: Request,
        status: Annotated[list[Status] | None, Query()] = None,
        limit: Limit = 50,
        cursor: str | None = None,
    ) -> dict[str, Any]:
        token = request.headers.get(MANAGE.header)
        if token is not None:
            return _listed(await parts.see(parts.booking_of(token)), status)
        organizer = await parts.organizer(request)
        statuses = status or SHOWN_STATUSES

        async def work(connection: Connection) -> list[dict[str, Any]]:
            after = cursor_of(cursor)
            ids = await queries.bookings_of(connection, organizer.id, statuses, after, limit + 1)
            views = await see_all(connection, ids, parts.tokens)
            return [Seen(**view.body).model_dump(mode="json") for view in views]

        return listed(await parts.read(work), limit)

    return routes


def _listed(view: View, status: list[Status] | None) -> dict[str, Any]:
    """Return the list of whoever holds the token of one booking."""
    shown = not status or view.body["status"] in status
    return listed([Seen(**view.body).model_dump(mode="json")] if shown else [], 1)


def _add_page(routes: APIRouter, parts: Parts) -> None:
    def answer(held: pages.Page, status: int = 200) -> Response:
        seen = shapes.page_seen(held, parts.settings.public_url)
        return tagged(seen.model_dump(mode="json"), held.version, status)

    @routes.get("/page", response_model=PageSeen)
    async def get_page(request: Request) -> Response:
        organizer = await parts.organizer(request)
        return answer(await parts.read(lambda c: pages.load_page(c, organizer.id)))

    @routes.put("/page", response_model=PageSeen)
    async def put_page(request: Request, body: PageBody, if_match: IfMatch = None) -> Response:
        organizer = await parts.organizer(request)
        profile = shapes.profile(body)

        async def work(connection: Connection) -> tuple[pages.Page, bool]:
            exists = await pages.exists(connection, organizer.id)
            expected = version_if_named(if_match)
            command: page.Command = (
                page.ChangePage(profile) if exists else page.CreatePage(organizer.id, profile)
            )
            changed = await pages.change_page(connection, organizer.id, command, expected)
            return changed, exists

        held, existed = await parts.write(work)
        if existed:
            return answer(held)
        return answer(await parts.decided(organizer.id), 201)

    def on_page(name: str, command: Callable[[], page.Command]) -> None:
        @routes.post(f"/page/{name}", response_model=PageSeen, name=name)
        async def change(request: Request, if_match: IfMatch = None) -> Response:
            organizer = await parts.organizer(request)
            expected = version_if_named(if_match)
            return answer(
                await parts.write(lambda c: pages.change_page(c, organizer.id, command(), expected))
            )

    on_page("publish", page.PublishPage)
    on_page("unpublish", page.UnpublishPage)

    @routes.post("/page/renew-address", response_model=PageSeen)
    async def renew_address(
        request: Request, body: AddressBody | None = None, if_match: IfMatch = None
    ) -> Response:
        organizer = await parts.organizer(request)
        expected = version_if_named(if_match)

        async def work(connection: Connection) -> pages.Page:
            held = await pages.load_page(connection, organizer.id)
            handle = (body and body.handle) or shapes.fresh_handle(held, minted_id(request))
            return await pages.change_page(
                connection, organizer.id, page.RenewAddress(handle), expected
            )

        return answer(await parts.write(work))


def _add_meeting_types(routes: APIRouter, parts: Parts) -> None:
    def seen(id_: UUID, held: meeting_types.MeetingType, handle: str) -> MeetingTypeSeen:
        return shapes.type_seen(id_, held, parts.settings.public_url, handle)

    async def answer(
        organizer_id: UUID,
        id_: UUID,
        work: Callable[[Connection], Awaitable[meeting_types.MeetingType]],
        status: int = 200,
        *,
        changes: bool = True,
    ) -> Response:
        async def with_handle(connection: Connection) -> tuple[meeting_types.MeetingType, str]:
            held = await work(connection)
            return held, await pages.handle_of(connection, organizer_id)

        held, handle = await (parts.write if changes else parts.read)(with_handle)
        return tagged(seen(id_, held, handle).model_dump(mode="json"), held.version, status)

    @routes.get("/meeting-types", response_model=MeetingTypes)
    async def list_types(
        request: Request, limit: Limit = 50, cursor: str | None = None
    ) -> dict[str, Any]:
        organizer = await parts.organizer(request)

        async def work(connection: Connection) -> list[dict[str, Any]]:
            after = cursor_of(cursor)
            ids = await queries.types_of(connection, organizer.id, after, limit + 1)
            if not ids:
                return []
            handle = await pages.handle_of(connection, organizer.id)
            held = await meeting_types.load_types(connection, ids)
            return [seen(id_, each, handle).model_dump(mode="json") for id_, each in held.items()]

        return listed(await parts.read(work), limit)

    @routes.post("/meeting-types", status_code=201, response_model=MeetingTypeSeen)
    async def create_type(request: Request, body: MeetingTypeBody) -> Response:
        organizer = await parts.organizer(request)
        id_, settings = minted_id(request), shapes.settings(body)
        return await answer(
            organizer.id,
            id_,
            lambda c: meeting_types.create(c, id_, organizer.id, settings),
            201,
        )

    @routes.get("/meeting-types/{type_id}", response_model=MeetingTypeSeen)
    async def get_type(request: Request, type_id: str) -> Response:
        organizer = await parts.organizer(request)
        id_ = id_of(type_id, "meeting type")
        return await answer(
            organizer.id,
            id_,
            lambda c: meeting_types.load_type(c, id_, organizer.id),
            changes=False,
        )

    @routes.patch("/meeting-types/{type_id}", response_model=MeetingTypeSeen)
    async def patch_type(
        request: Request, type_id: str, body: MeetingTypePatch, if_match: IfMatch = None
    ) -> Response:
        organizer = await parts.organizer(request)
        id_ = id_of(type_id, "meeting type")
        expected = version_if_named(if_match)

        async def work(connection: Connection) -> meeting_types.MeetingType:
            held = await meeting_types.load_type(connection, id_, organizer.id)
            changed = shapes.patched(held, body)
            return await meeting_types.change(connection, id_, organizer.id, changed, expected)

        return await answer(organizer.id, id_, work)

    @routes.delete("/meeting-types/{type_id}", status_code=204, response_class=Response)
    async def delete_type(request: Request, type_id: str, if_match: IfMatch = None) -> Response:
        organizer = await parts.organizer(request)
        id_ = id_of(type_id, "meeting type")
        expected = version_if_named(if_match)
        await parts.write(lambda c: meeting_types.delete(c, id_, organizer.id, expected))
        return Response(status_code=204)
