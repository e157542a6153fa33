"""The first page of the site: what it is, and the way to somebody's page."""

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.web.responses import moved, page, see_other, visit_of
from services.chassis.http.middleware import NO_ADDRESS

READ = ["GET", "HEAD"]

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    """What this is, and a form that leads to a page."""

    TEMPLATE: ClassVar[str] = "home.html"

    action: str


@routes.api_route("/", methods=READ)
async def show(request: Request) -> Response:
    return page(visit_of(request), HomePage(action="/with"))


@routes.api_route("/with", methods=READ)
async def find(request: Request) -> Response:
    """Lead to the page whose last part, or whole address, somebody has typed."""
    visit = visit_of(request)
    handle = visit.query.get("handle", "").strip().rstrip("/").rpartition("/")[2].lower()
    found = handle.isascii() and handle.replace("-", "").isalnum()
    return see_other(visit, f"/with/{handle}" if found else "/")


@routes.api_route("/with/{rest:path}", methods=READ)
async def find_again(request: Request, rest: str) -> Response:
    """Lead on from an address with other slashes than it should have."""
    if elsewhere := moved(request):
        return elsewhere
    raise NO_ADDRESS
