"""What sign-in tells people, as a page of booking."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from starlette.requests import Request
from starlette.responses import Response

from services.booking.web.responses import page, visit_of
from services.chassis.sign_in.notices import Confirmation, Notice, WayOn


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePage:
    """A notice of the sign-in; title and words are keys of phrases."""

    TEMPLATE: ClassVar[str] = "sign_in.html"

    title: str
    words: str
    name: str
    ways: Sequence[WayOn]
    confirmation: Confirmation | None
    typed: Sequence[str]


def show_notice(request: Request, notice: Notice) -> Response:
    """Return the notice as a page."""
    visit = visit_of(request)
    content = NoticePage(
        title=f"sign_in.{notice.kind}.title",
        words=f"sign_in.{notice.kind}.text",
        name=notice.name,
        ways=notice.ways,
        confirmation=notice.confirmation,
        typed=notice.typed,
    )
    response = page(visit, content, status=notice.status, here="/sign-in")
    response.headers.update(notice.headers)
    if notice.leads_to is not None:
        response.headers["Refresh"] = f"1;url={notice.leads_to}"
    return response
