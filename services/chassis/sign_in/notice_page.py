"""A notice of the sign-in as the content of a page: each service renders it with its own pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from starlette.requests import Request

from services.chassis.sign_in.notices import Confirmation, Notice, WayOn


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePage:
    """Title and words are keys of phrases."""

    TEMPLATE: ClassVar[str] = "sign_in.html"

    title: str
    words: str
    name: str
    ways: Sequence[WayOn]
    confirmation: Confirmation | None
    typed: Sequence[str]
    switches: bool


def content_of(notice: Notice, request: Request) -> NoticePage:
    """Return what the page says in answer to the request."""
    return NoticePage(
        title=f"sign_in.{notice.kind}.title",
        words=f"sign_in.{notice.kind}.text",
        name=notice.name,
        ways=notice.ways,
        confirmation=notice.confirmation,
        typed=notice.typed,
        switches=notice.can_be_had_again(request),
    )


def headers_of(notice: Notice) -> dict[str, str]:
    """Return the headers of the page, beside those of every page."""
    if notice.leads_to is None:
        return notice.headers
    return {**notice.headers, "Refresh": f"0;url={notice.leads_to}"}
