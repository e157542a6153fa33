"""The API of private links, seen by their organizer only."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking import queries
from services.booking.domain import private_link
from services.booking.domain.link_limits import Limits
from services.booking.handlers import meeting_types, private_links
from services.booking.handlers.private_links import Seen, Terms
from services.booking.http import shapes
from services.booking.http.answers import Links, LinkSeen
from services.booking.http.bodies import LinkBody, LinkPatch
from services.booking.http.organizer import IfMatch, Limit
from services.booking.http.parts import Parts, id_of
from services.chassis.http.conditional import tagged, version_if_named
from services.chassis.http.documentation import BEARER
from services.chassis.http.listing import cursor_of, listed, minted_id
from services.chassis.postgres.database import Connection


def router(parts: Parts) -> APIRouter:
    """Return the routes on private links."""
    routes = APIRouter(prefix="/api/booking/v1", tags=["private links"], dependencies=[BEARER])

    def answer(seen: Seen, status: int = 200) -> Response:
        said = shapes.link_seen(seen, parts.tokens).model_dump(mode="json")
        return tagged(said, seen.version, status)

    @routes.get("/meeting-types/{type_id}/links", response_model=Links)
    async def list_links(
        request: Request, type_id: str, limit: Limit = 50, cursor: str | None = None
    ) -> dict[str, Any]:
        organizer = await parts.organizer(request)
        id_ = id_of(type_id, "meeting type")

        async def work(connection: Connection) -> list[dict[str, Any]]:
            await meeting_types.load_type(connection, id_, organizer.id)
            ids = await queries.links_of(connection, id_, cursor_of(cursor), limit + 1)
            links = await private_links.load_links(connection, ids)
            return [shapes.link_seen(link, parts.tokens).model_dump(mode="json") for link in links]

        return listed(await parts.read(work), limit)

    @routes.post("/meeting-types/{type_id}/links", status_code=201, response_model=LinkSeen)
    async def issue(request: Request, type_id: str, body: LinkBody | None = None) -> Response:
        organizer = await parts.organizer(request)
        wanted = body or LinkBody()
        terms = Terms(
            label=wanted.label,
            max_uses=wanted.max_uses,
            expires_at=wanted.expires_at.astimezone(UTC) if wanted.expires_at else None,
            default_days=parts.settings.link_default_days,
            minimum_seconds=parts.settings.link_minimum_seconds,
        )
        type_, link_id = id_of(type_id, "meeting type"), minted_id(request)
        return answer(
            await parts.write(
                lambda c: private_links.issue(c, link_id, organizer.id, type_, terms)
            ),
            201,
        )

    @routes.get("/links/{link_id}", response_model=LinkSeen)
    async def show(request: Request, link_id: str) -> Response:
        organizer = await parts.organizer(request)
        id_ = id_of(link_id, "link")

        async def work(connection: Connection) -> Seen:
            await private_links.must_own(connection, id_, organizer.id)
            return (await private_links.load_links(connection, [id_]))[0]

        return answer(await parts.read(work))

    @routes.patch("/links/{link_id}", response_model=LinkSeen)
    async def change(
        request: Request, link_id: str, body: LinkPatch, if_match: IfMatch = None
    ) -> Response:
        organizer = await parts.organizer(request)
        id_ = id_of(link_id, "link")
        expected = version_if_named(if_match)

        def command(link: private_link.Link, at: datetime) -> private_link.Command:
            changed = {**vars_of(link.limits), **body.model_dump(exclude_unset=True)}
            return private_link.ChangeLink(
                Limits(**changed), at, parts.settings.link_minimum_seconds
            )

        return answer(
            await parts.write(
                lambda c: private_links.change(c, id_, organizer.id, command, expected)
            )
        )

    @routes.delete("/links/{link_id}", status_code=204, response_class=Response)
    async def revoke(request: Request, link_id: str, if_match: IfMatch = None) -> Response:
        organizer = await parts.organizer(request)
        id_ = id_of(link_id, "link")
        expected = version_if_named(if_match)
        await parts.write(
            lambda c: private_links.change(
                c, id_, organizer.id, lambda _, at: private_link.RevokeLink(at), expected
            )
        )
        return Response(status_code=204)

    return routes


def vars_of(limits: Limits) -> dict[str, Any]:
    """Return the limits field by field."""
    return {
        "max_uses": limits.max_uses,
        "expires_at": limits.expires_at,
        "label": limits.label,
    }
