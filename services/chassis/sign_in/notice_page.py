"""A notice of the sign-in as the content of a page: each service renders it with its own pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

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


def content_of(notice: Notice) -> NoticePage:
    """Return what the page says."""
    return NoticePage(
        title=f"sign_in.{notice.kind}.title",
        words=f"sign_in.{notice.kind}.text",
        name=notice.name,
        ways=notice.ways,
        confirmation=notice.confirmation,
        typed=notice.typed,
    )


def headers_of(notice: Notice) -> dict[str, str]:
    """Return the headers of the page, beside those of every page."""
    if notice.leads_to is None:
        return notice.headers
    return {**notice.headers, "Refresh": f"0;url={notice.leads_to}"}
