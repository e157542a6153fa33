"""The organizer's private links: of all private types, of one type, and making one."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.callers import id_of
from services.booking.meeting_types.views import MeetingTypeView, view_type, view_types
from services.booking.private_links import commands
from services.booking.private_links.records import newest_link_rows
from services.booking.private_links.schemas import LinkBody, details_of, limits_of
from services.booking.private_links.views import view_links
from services.booking.web.organizer.desk import HOME, READ, Desk, desk_of, form_of
from services.booking.web.organizer.faults import Refused, faults_at
from services.booking.web.organizer.link_form import FAULT_RULES, body_of
from services.booking.web.organizer.link_words import LinkCard, link_card, names_behind
from services.booking.web.organizer.rows import Fields
from services.chassis.ids import new_id, parse_id
from services.chassis.postgres.database import Connection
from services.chassis.web.form_faults import FieldFault, by_field

LINKS, TYPES = f"{HOME}/links", f"{HOME}/types"
ON_A_PAGE, OF_EACH_TYPE = 25, 5
BEFORE = "before"

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinksOfType:
    """A type with its newest links; `older` is the address of the ones before, if there are any.

    `minted` is the id of the link that the form makes, `link_url` what its address will be.
    """

    title: str
    path: str
    public: bool
    enabled: bool
    cards: Sequence[LinkCard]
    older: str | None
    minted: str
    link_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AllLinksPage:
    """The private types, each with its newest links."""

    TEMPLATE: ClassVar[str] = "organizer/links.html"

    types: Sequence[LinksOfType]
    key: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeLinksPage:
    """The links of one type, and the form that makes one for somebody."""

    TEMPLATE: ClassVar[str] = "organizer/type_links.html"

    type: LinksOfType
    key: str
    fields: Fields
    faults: Sequence[FieldFault]
    wrong: dict[str, str]
    zone: str
    days: int
    done: str | None


@routes.api_route(LINKS, methods=READ)
async def show_all(request: Request) -> Response:
    desk = await desk_of(request)

    async def work(connection: Connection) -> Sequence[LinksOfType]:
        views = await view_types(connection, desk.organizer.id)
        private = [view for view in views if view.meeting_type.settings.visibility == "private"]
        return [await _links_of(connection, desk, view, OF_EACH_TYPE) for view in private]

    types = await desk.parts.transactions.read(work)
    content = AllLinksPage(types=types, key=desk.key(LINKS), new=desk.link(f"{TYPES}/new"))
    return desk.show(content, "links")


@routes.api_route(f"{TYPES}/{{type_id}}/links", methods=READ)
async def show_of_type(request: Request, type_id: str) -> Response:
    desk = await desk_of(request)
    return await _show(desk, id_of(type_id, "meeting type"), desk.typed_before() or {"uses": "1"})


@routes.post(f"{TYPES}/{{type_id}}/links")
async def issue(request: Request, type_id: str) -> Response:
    type_ = id_of(type_id, "meeting type")
    desk, fields = await form_of(request, LINKS, form_at=f"{TYPES}/{type_}/links")
    view = await desk.parts.transactions.read(lambda c: view_type(c, type_, desk.organizer.id))
    link_id, settings = id_of(fields.get("id", ""), "link"), desk.parts.settings
    body = body_of(fields, view.meeting_type.organizer_time_zone)
    try:
        asked = LinkBody.model_validate(body)
        limits = partial(limits_of, asked, settings.link_default_days)
        details, minimum = details_of(asked), settings.link_minimum_seconds
        await desk.parts.transactions.write(
            lambda c: commands.issue_link(
                c, link_id, desk.organizer.id, type_, limits, details, minimum
            )
        )
    except Refused as refused:
        return await _show(desk, type_, fields, faults_at(refused, body, FAULT_RULES), status=422)
    copied = "link.copied" if fields.get("copied") else "link.made"
    return desk.see_other(f"{LINKS}/{link_id}", done=copied)


async def _show(
    desk: Desk,
    type_id: UUID,
    fields: Fields,
    faults: Sequence[FieldFault] = (),
    *,
    status: int = 200,
) -> Response:
    async def work(connection: Connection) -> tuple[MeetingTypeView, LinksOfType]:
        view = await view_type(connection, type_id, desk.organizer.id)
        return view, await _links_of(connection, desk, view, ON_A_PAGE)

    view, links = await desk.parts.transactions.read(work)
    content = TypeLinksPage(
        type=links,
        key=desk.key(LINKS),
        fields=fields,
        faults=faults,
        wrong=dict(by_field(faults)),
        zone=view.meeting_type.organizer_time_zone,
        days=desk.parts.settings.link_default_days,
        done=desk.done,
    )
    return desk.show(content, "links", status=status, here=f"{TYPES}/{type_id}/links")


async def _links_of(
    connection: Connection, desk: Desk, view: MeetingTypeView, limit: int
) -> LinksOfType:
    before = parse_id(desk.visit.query.get(BEFORE, ""))
    rows = await newest_link_rows(connection, view.id, before, limit=limit + 1)
    views = await view_links(connection, rows[:limit])
    names = await names_behind(connection, views)
    zone, settings = view.meeting_type.organizer_time_zone, view.meeting_type.settings
    path, minted = f"{TYPES}/{view.id}/links", new_id()
    return LinksOfType(
        title=settings.title,
        path=f"{TYPES}/{view.id}",
        public=settings.visibility == "public",
        enabled=settings.enabled,
        cards=[link_card(desk, each, names, zone) for each in views],
        older=desk.link(path, **{BEFORE: str(views[-1].id)}) if len(rows) > limit else None,
        minted=str(minted),
        link_url=desk.parts.tokens.link_url(minted),
    )
