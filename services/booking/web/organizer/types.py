"""The organizer's meeting types as cards, and what one press does with them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.callers import id_of
from services.booking.domain.meeting_type.rules import LONGEST_TITLE
from services.booking.meeting_types import commands
from services.booking.meeting_types.views import MeetingTypeView, view_type, view_types
from services.booking.page.views import view_page
from services.booking.private_links.records import newest_link_rows
from services.booking.private_links.views import view_links
from services.booking.web.attendee.meeting import where
from services.booking.web.organizer.desk import HOME, READ, Desk, desk_of, form_of
from services.chassis.ids import new_id

TYPES, LINKS = f"{HOME}/types", f"{HOME}/links"
# No more are looked at to say how many links end with a type.
MOST_COUNTED = 200

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeCard:
    """A meeting type: what it is, its state, and the addresses of what can be done with it.

    `minted` is the id of the copy, or of the private link, that a press makes: a second press makes
    no second one. `link_url` is what that link's address will be.
    """

    id: str
    title: str
    description: str
    durations: Sequence[str]
    where: str
    public: bool
    enabled: bool
    approval: bool
    url: str
    path: str
    is_new: bool
    minted: str
    link_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TypesPage:
    """All types; `undo` is what the last press can be taken back by: an address, its form key."""

    TEMPLATE: ClassVar[str] = "organizer/types.html"

    cards: Sequence[TypeCard]
    published: bool
    new: str
    key: str
    links_key: str
    done: str | None
    undo: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteTypePage:
    """The question before a type is deleted: what ends with it, and what stays."""

    TEMPLATE: ClassVar[str] = "organizer/type_delete.html"

    title: str
    links: int
    action: str
    form_key: str
    disable: str | None
    back: str


@routes.api_route(TYPES, methods=READ)
async def show(request: Request) -> Response:
    desk = await desk_of(request)
    owner = await desk.parts.transactions.read(lambda c: view_page(c, desk.organizer.id))
    views = await desk.parts.transactions.read(lambda c: view_types(c, desk.organizer.id))
    content = TypesPage(
        cards=[_card(desk, view) for view in views],
        published=owner.page.published,
        new=desk.link(f"{TYPES}/new"),
        key=desk.key(TYPES),
        links_key=desk.key(LINKS),
        done=desk.done,
        undo=_undo(desk, views),
    )
    return desk.show(content, "types")


@routes.post(f"{TYPES}/{{type_id}}/duplicate")
async def duplicate(request: Request, type_id: str) -> Response:
    desk, fields = await form_of(request, TYPES, form_at=TYPES)
    copied, id_ = id_of(type_id, "meeting type"), id_of(fields.get("id", ""), "meeting type")
    view = await desk.parts.transactions.read(lambda c: view_type(c, copied, desk.organizer.id))
    named = view.meeting_type.settings.title
    title = desk.visit.reader.language.say("organizer.types.copy_of", title=named)[:LONGEST_TITLE]
    await desk.parts.transactions.write(
        lambda c: commands.duplicate_type(c, id_, copied, desk.organizer.id, title=title, slug=None)
    )
    return desk.see_other(TYPES, done="type.duplicated", new=str(id_))


@routes.post(f"{TYPES}/{{type_id}}/disable")
async def disable(request: Request, type_id: str) -> Response:
    return await _set_enabled(request, type_id, enabled=False)


@routes.post(f"{TYPES}/{{type_id}}/enable")
async def enable(request: Request, type_id: str) -> Response:
    return await _set_enabled(request, type_id, enabled=True)


@routes.api_route(f"{TYPES}/{{type_id}}/delete", methods=READ)
async def ask_to_delete(request: Request, type_id: str) -> Response:
    desk, id_ = await desk_of(request), id_of(type_id, "meeting type")
    view = await desk.parts.transactions.read(lambda c: view_type(c, id_, desk.organizer.id))
    path, settings = f"{TYPES}/{id_}", view.meeting_type.settings
    content = DeleteTypePage(
        title=settings.title,
        links=await _living_links(desk, id_),
        action=f"{path}/delete",
        form_key=desk.key(TYPES),
        disable=f"{path}/disable" if settings.enabled else None,
        back=desk.link(TYPES),
    )
    return desk.show(content, "types")


@routes.post(f"{TYPES}/{{type_id}}/delete")
async def delete(request: Request, type_id: str) -> Response:
    id_ = id_of(type_id, "meeting type")
    desk, _ = await form_of(request, TYPES, form_at=f"{TYPES}/{id_}/delete")
    await desk.parts.transactions.write(lambda c: commands.delete_type(c, id_, desk.organizer.id))
    return desk.see_other(TYPES, done="type.deleted")


async def _set_enabled(request: Request, type_id: str, *, enabled: bool) -> Response:
    desk, _ = await form_of(request, TYPES, form_at=TYPES)
    id_ = id_of(type_id, "meeting type")
    await desk.parts.transactions.write(
        lambda c: commands.change_type(
            c, id_, desk.organizer.id, lambda settings: replace(settings, enabled=enabled), None
        )
    )
    return desk.see_other(TYPES, done="type.enabled" if enabled else "type.disabled", new=str(id_))


def _undo(desk: Desk, views: Sequence[MeetingTypeView]) -> str | None:
    """Return where the form goes that takes back what was just done, if that is possible."""
    asked = desk.visit.query.get("new", "")
    opposite = {"type.disabled": "enable", "type.enabled": "disable"}.get(
        desk.visit.query.get("done", "")
    )
    if opposite is None or asked not in {str(view.id) for view in views}:
        return None
    return f"{TYPES}/{asked}/{opposite}"


def _card(desk: Desk, view: MeetingTypeView) -> TypeCard:
    settings, reader = view.meeting_type.settings, desk.visit.reader
    clock = desk.visit.clock(view.meeting_type.organizer_time_zone)
    public = settings.visibility == "public"
    minted = new_id()
    address = f"{desk.parts.settings.public_url}/with/{view.handle}/{settings.slug}"
    return TypeCard(
        id=str(view.id),
        title=settings.title,
        description=settings.description,
        durations=[clock.duration(timedelta(minutes=each)) for each in settings.durations_minutes],
        where=where(reader.language, settings.location, desk.organizer.name, booked=False),
        public=public,
        enabled=settings.enabled,
        approval=settings.approval_required,
        url=address if public else "",
        path=f"{TYPES}/{view.id}",
        is_new=str(view.id) == desk.visit.query.get("new"),
        minted=str(minted),
        link_url="" if public else desk.parts.tokens.link_url(minted),
    )


async def _living_links(desk: Desk, type_id: UUID) -> int:
    """Return how many links to the type can be used now."""
    rows = await desk.parts.transactions.read(
        lambda c: newest_link_rows(c, type_id, limit=MOST_COUNTED)
    )
    views = await desk.parts.transactions.read(lambda c: view_links(c, rows))
    return sum(view.state in ("active", "held") for view in views)
