"""The administrators' pages, behind the sign-in."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from services.chassis.http.parts import parts_of
from services.chassis.identity.form_keys import session_key
from services.chassis.runtime.cause import acting
from services.chassis.sign_in.notice_page import content_of, headers_of
from services.chassis.sign_in.notices import Notice
from services.chassis.sign_in.routes import SIGN_OUT
from services.chassis.web.catalogues import catalogue
from services.chassis.web.page_headers import PAGE_HEADERS
from services.chassis.web.pages import Header, NavigationLink, PageContent, Pages
from services.chassis.web.readers import reader_by_request
from services.policy.parts import Parts

HOME = "/admin"
READ = ["GET", "HEAD"]
ROLES = frozenset({"administrator"})
_HERE = Path(__file__).parent
_WORDS = _HERE / "words"
_PAGES = Pages(_HERE / "templates")

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminPage:
    """Who is signed in."""

    TEMPLATE: ClassVar[str] = "admin.html"

    name: str
    email: str


@routes.api_route(HOME, methods=READ)
async def show_admin(request: Request) -> Response:
    """Show the administrators' first page."""
    parts = parts_of(request, Parts)
    who = await parts.gate.person(request, ROLES)
    acting(f"administrator:{who.id}")
    header = Header(
        home=HOME,
        links=[NavigationLink(HOME, "admin.title", current=True)],
        name=who.name,
        sign_out="/sign-out",
        form_key=session_key(parts.keys, who, SIGN_OUT),
    )
    return _page(request, AdminPage(name=who.name, email=who.email), header=header)


def show_notice(request: Request, notice: Notice) -> Response:
    """Return what sign-in tells people, as a page."""
    response = _page(request, content_of(notice, request), status=notice.status)
    response.headers.update(headers_of(notice))
    return response


def _page(
    request: Request, content: PageContent, *, status: int = 200, header: Header | None = None
) -> Response:
    languages = catalogue(_WORDS)
    accepted = ",".join(request.headers.getlist("accept-language"))
    reader = reader_by_request(languages, request.query_params.get("lang"), accepted)
    here = "/" + request.url.path.lstrip("/")  # two of them would lead to another site
    query = dict(request.query_params)
    links = [
        (each, f"{here}?{urlencode({**query, 'lang': each.code})}") for each in languages.values()
    ]
    text = _PAGES.render(content, reader, links, header)
    return HTMLResponse(text, status, headers=PAGE_HEADERS)
