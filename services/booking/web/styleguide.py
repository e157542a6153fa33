"""Every component in every state, for whoever writes pages; served in the local stack only."""

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.web.responses import page, visit_of
from services.chassis.web.pages import Header, NavigationLink

READ = ["GET", "HEAD"]

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class StyleguidePage:
    """The components; all that they say stands in the template."""

    TEMPLATE: ClassVar[str] = "styleguide.html"


@routes.api_route("/styleguide", methods=READ)
async def show(request: Request) -> Response:
    links = [
        NavigationLink("/styleguide", "organizer.choose", current=True),
        NavigationLink("/", "home.title"),
    ]
    header = Header(home="/", links=links, name="Anna", sign_out="/styleguide", form_key="none")
    return page(visit_of(request), StyleguidePage(), header=header)
