"""Sharing an address: a QR code, a line for a mail signature, HTML for another site's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import ClassVar

import segno
from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from services.booking.callers import id_of
from services.booking.domain.meeting_type import Settings
from services.booking.domain.refusals import NotFound
from services.booking.meeting_types.views import view_type
from services.booking.page.views import view_page
from services.booking.private_links.views import view_link
from services.booking.web.attendee.embed import ADDRESS as SCRIPT
from services.booking.web.organizer.desk import HOME, READ, Desk, Tab, desk_of
from services.booking.web.responses import HEADERS

PAGE, TYPES, LINKS = f"{HOME}/page", f"{HOME}/types", f"{HOME}/links"

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """The HTML that shows a meeting type in pages at the origins, and where they are listed."""

    origins: Sequence[str]
    editor: str
    with_script: str
    without_script: str


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
    embedding: Embedding | None = None


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
    settings, url = await _public_type(desk, type_id)
    path = f"{TYPES}/{type_id}"
    return await _shown(
        desk, settings.title, url, path, "types", _embedding(desk, settings, url, path)
    )


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


async def _public_type(desk: Desk, type_id: str) -> tuple[Settings, str]:
    """Return the type and its address; raise NotFound for one that only links open."""
    id_ = id_of(type_id, "meeting type")
    view = await desk.parts.transactions.read(lambda c: view_type(c, id_, desk.organizer.id))
    settings = view.meeting_type.settings
    if settings.visibility != "public":
        raise NotFound("address")
    url = f"{desk.parts.settings.public_url}/with/{view.handle}/{settings.slug}"
    return settings, url


def _embedding(desk: Desk, settings: Settings, url: str, path: str) -> Embedding:
    words = f"{_line(desk)}: {settings.title}"
    script = Markup(
        '<div data-bookwith><a href="{}">{}</a></div>\n<script src="{}" async></script>'
    ).format(url, words, f"{desk.parts.settings.public_url}{SCRIPT}")
    frame = Markup(
        '<iframe src="{}?frame=yes" title="{}"\n'
        '  width="100%" height="900" style="border: 0"></iframe>'
    ).format(url, words)
    return Embedding(
        origins=settings.frame_origins,
        editor=f"{desk.link(path)}#group-address",
        with_script=str(script),
        without_script=str(frame),
    )


def _line(desk: Desk) -> str:
    return desk.visit.reader.language.say("organizer.share.line")


async def _shown(
    desk: Desk, title: str, url: str, path: str, tab: Tab, embedding: Embedding | None = None
) -> Response:
    owner = await desk.parts.transactions.read(lambda c: view_page(c, desk.organizer.id))
    line = _line(desk)
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
        embedding=embedding,
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
