"""Renders the administrators' pages, in the language and on the clock of whoever reads them."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive

from services.chassis.http.form_fields import fields_read
from services.chassis.identity.form_keys import FIELD
from services.chassis.sign_in.notice_page import content_of, headers_of
from services.chassis.sign_in.notices import Notice
from services.chassis.web.catalogues import Catalogue, catalogue
from services.chassis.web.page_headers import PAGE_HEADERS
from services.chassis.web.pages import Header, NavigationLink, PageContent, Pages
from services.chassis.web.problem_pages import ProblemDocument, ProblemPage, ProblemPages
from services.chassis.web.readers import reader_by_request
from services.chassis.web.visits import Visit, languages_accepted, path_asked
from services.policy.explaining import WORDS

HOME = "/admin"
READ = ["GET", "HEAD"]
_HOME_WAY = NavigationLink(HOME, "problem.way.admin")
_PAGES = Pages(Path(__file__).parent / "templates")


def languages() -> Catalogue:
    """Return all languages by their code."""
    return catalogue(WORDS)


def visit_of(request: Request) -> Visit:
    """Return the visit that the request is."""
    query = dict(request.query_params)
    reader = reader_by_request(languages(), query.get("lang"), languages_accepted(request))
    return Visit(path_asked(request), query, reader)


def page(
    visit: Visit,
    content: PageContent,
    *,
    status: int = 200,
    here: str | None = None,
    header: Header | None = None,
) -> Response:
    """Return the page; `here` is its address when the one asked for only takes forms."""
    path = here or visit.path
    links = [(each, visit.in_language(path, each.code)) for each in languages().values()]
    text = _PAGES.render(content, visit.reader, links, header)
    return HTMLResponse(text, status, headers=PAGE_HEADERS)


def show_notice(request: Request, notice: Notice) -> Response:
    """Return what sign-in tells people, as a page."""
    response = page(visit_of(request), content_of(notice, request), status=notice.status)
    response.headers.update(headers_of(notice))
    return response


def problem_pages(app: ASGIApp) -> ProblemPages:
    """Return the application with its problems as pages."""
    return ProblemPages(app, (HOME,), _show_problem)


async def _show_problem(request: Request, _: Receive, problem: ProblemDocument) -> Response:
    visit = visit_of(request)
    known = f"problem.{problem.kind}.title" in visit.reader.language.phrases
    kind, reading = problem.kind if known else "other", request.method in READ
    retry = reading and kind == "unavailable"
    way = NavigationLink(visit.path, "problem.way.retry") if retry else _HOME_WAY
    typed = [
        text
        for name, text in fields_read(request.scope).items()
        if name != FIELD and (" " in text or "\n" in text)
    ]
    content = ProblemPage(
        title=f"problem.{kind}.title", words=f"problem.{kind}.text", way=way, typed=typed
    )
    return page(visit, content, status=problem.status, here=None if reading else HOME)
