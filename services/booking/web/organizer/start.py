"""The first page of an organizer: who is signed in, and the way out."""

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.parts import parts_of
from services.booking.web.responses import page, visit_of
from services.chassis.sign_in.routes import SIGN_OUT
from services.chassis.web.pages import Header, NavigationLink

READ = ["GET", "HEAD"]
HOME = "/organizer"

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPage:
    """Who is signed in."""

    TEMPLATE: ClassVar[str] = "organizer_start.html"

    name: str
    email: str


@routes.api_route(HOME, methods=READ)
async def show(request: Request) -> Response:
    parts = parts_of(request)
    organizer = await parts.sign_in.organizer(request)
    header = Header(
        home=HOME,
        links=[NavigationLink(HOME, "organizer.start.title", current=True)],
        name=organizer.name,
        sign_out="/sign-out",
        form_key=parts.forms.session_key(organizer, SIGN_OUT),
    )
    content = StartPage(name=organizer.name, email=organizer.email)
    return page(visit_of(request), content, header=header)
