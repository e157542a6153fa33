"""The organizer's first page: what waits for them, and how others find their page."""

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.web.organizer.desk import HOME, READ, desk_of

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewPage:
    """What the organizer sees first."""

    TEMPLATE: ClassVar[str] = "organizer/overview.html"

    name: str


@routes.api_route(HOME, methods=READ)
async def show(request: Request) -> Response:
    desk = await desk_of(request)
    return desk.show(OverviewPage(name=desk.organizer.name), "overview")
