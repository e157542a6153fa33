"""The first page of an organizer: who is signed in, and the way out."""

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.parts import parts_of
from services.booking.web.responses import page, visit_of

READ = ["GET", "HEAD"]

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPage:
    """Who is signed in, and the key of the form that signs out."""

    TEMPLATE: ClassVar[str] = "organizer_start.html"

    name: str
    email: str
    sign_out_key: str


@routes.api_route("/organizer", methods=READ)
async def show(request: Request) -> Response:
    parts = parts_of(request)
    organizer = await parts.sign_in.organizer(request)
    content = StartPage(
        name=organizer.name,
        email=organizer.email,
        sign_out_key=parts.forms.session_key(organizer, "sign-out"),
    )
    return page(visit_of(request), content)
