"""Sharing an address: a QR code, and a line for a mail signature."""

from dataclasses import dataclass
from io import BytesIO
from typing import ClassVar

import segno
from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from services.booking.callers import id_of
from services.booking.domain.refusals import NotFound
from services.booking.meeting_types.views import view_type
from services.booking.page.views import view_page
from services.booking.private_links.views import view_link
from services.booking.web.organizer.desk import HOME, READ, Desk, Tab, desk_of
from services.booking.web.responses import HEADERS

PAGE, TYPES, LINKS = f"{HOME}/page", f"{HOME}/types", f"{HOME}/links"

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SharePage:
    """An address to copy, its QR code, and the signature as HTML and as text."""

    TEMPLATE: ClassVar[str] = "organizer/share.html"

    title: str
    url: str
    qr: str
    html: Markup
    source: str
    plain: str
    back: str
    published: bool


@routes.api_route(f"{PAGE}/share", methods=READ)
async def share_page(request: Request) -> Response:
    desk = await desk_of(request)
    title = desk.visit.reader.language.say("organizer.share.page")
    return await _shown(desk, title, await _page_url(desk), PAGE, "page")


@routes.api_route(f"{PAGE}/qr.svg", methods=READ)
async def page_code(request: Request) -> Response:
    return _code(await _page_url(await desk_of(request)), "page")


@routes.api_route(f"{TYPES}/{{type_id}}/share", methods=READ)
async def share_type(request: Request, type_id: str) -> Response:
    desk = await desk_of(request)
    title, url = await _public_type(desk, type_id)
    return await _shown(desk, title, url, f"{TYPES}/{type_id}", "types")


@routes.api_route(f"{TYPES}/{{type_id}}/qr.svg", methods=READ)
async def type_code(request: Request, type_id: str) -> Response:
    _, url = await _public_type(await desk_of(request), type_id)
    return _code(url, "meeting")


@routes.api_route(f"{LINKS}/{{link_id}}/qr.svg", methods=READ)
async def link_code(request: Request, link_id: str) -> Response:
    desk, id_ = await desk_of(request), id_of(link_id, "link")
    await desk.parts.transactions.read(lambda c: view_link(c, id_, desk.organizer.id))
    return _code(desk.parts.tokens.link_url(id_), "link")


async def _page_url(desk: Desk) -> str:
    owner = await desk.parts.transactions.read(lambda c: view_page(c, desk.organizer.id))
    return f"{desk.parts.settings.public_url}/with/{owner.page.profile.handle}"


async def _public_type(desk: Desk, type_id: str) -> tuple[str, str]:
    """Return title and address of the type; raise NotFound for one that only links open."""
    id_ = id_of(type_id, "meeting type")
    view = await desk.parts.transactions.read(lambda c: view_type(c, id_, desk.organizer.id))
    settings = view.meeting_type.settings
    if settings.visibility != "public":
        raise NotFound("address")
    url = f"{desk.parts.settings.public_url}/with/{view.handle}/{settings.slug}"
    return settings.title, url


async def _shown(desk: Desk, title: str, url: str, path: str, tab: Tab) -> Response:
    owner = await desk.parts.transactions.read(lambda c: view_page(c, desk.organizer.id))
    line = desk.visit.reader.language.say("organizer.share.line")
    # Without a style: mail programs show it as the links of their own.
    html = Markup('<a href="{}">{}</a>').format(url, line)
    content = SharePage(
        title=title,
        url=url,
        qr=f"{path}/qr.svg",
        html=html,
        source=str(html),
        plain=f"{line}: {url}",
        back=desk.link(TYPES if tab == "types" else PAGE),
        published=owner.page.published,
    )
    return desk.show(content, tab)


def _code(url: str, name: str) -> Response:
    """Return the address as a QR code, which keeps its size when it is printed."""
    drawn = BytesIO()
    segno.make(url, error="m", micro=False).save(
        drawn, kind="svg", scale=6, border=3, dark="#000", light="#fff", xmldecl=False
    )
    headers = {**HEADERS, "Content-Disposition": f'inline; filename="bookwith-{name}.svg"'}
    return Response(drawn.getvalue(), media_type="image/svg+xml", headers=headers)
