"""Responses to people: a page in the visitor's language, a way on."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.booking.web.frames import FRAME, FRAMED, is_framed
from services.booking.web.rendering import render
from services.booking.web.wording import languages, reader_of
from services.chassis.web import visits
from services.chassis.web.page_headers import PAGE_HEADERS, page_headers
from services.chassis.web.pages import Frame, Header, PageContent
from services.chassis.web.visits import languages_accepted, path_asked

HEADERS = PAGE_HEADERS
BY_ADDRESS = "token"
# How long the meeting is to be, where there is a choice: kept while a time is picked.
MINUTES = "minutes"
# What an address says after a booking, and a request for one, was made.
BOOKED = "booked"
WHERE_TIMES_ARE = ("/with/", "/p/link/")

# What a person types, and nothing that could lead to another site.
_ADDRESS = re.compile(r"/with(/[a-z0-9-]+){0,2}")


@dataclass(frozen=True, slots=True)
class Visit(visits.Visit):
    """What an address asks for and who reads the answer; its state is all in the address.

    `framed` is whether the page is shown inside a page of another site.
    """

    framed: bool = False

    @property
    def minutes(self) -> str | None:
        """Return the length that the address names, as far as it looks like one."""
        named = self.query.get(MINUTES, "")
        return named if re.fullmatch("[1-9][0-9]{0,3}", named, re.ASCII) else None

    def kept(self, path: str) -> Mapping[str, str | None]:
        """Return what an address on our site keeps of this one.

        To a browser without cookies a booking's pages are opened by their address.
        """
        return {
            "lang": self.reader.asked,
            "tz": self.time_zone,
            BY_ADDRESS: self.query.get(BY_ADDRESS) if path.startswith("/m/booking/") else None,
            MINUTES: self.minutes if path.startswith(WHERE_TIMES_ARE) else None,
            FRAME: FRAMED if self.framed else None,
        }

    def in_language(self, path: str, code: str) -> str:
        """Return the address of the same page in another language."""
        frame = FRAMED if self.framed else None
        asked = {**self.query, "tz": self.time_zone, FRAME: frame, "lang": code}
        return visits.with_query(path, asked)


def visit_of(request: Request, language: str | None = None) -> Visit:
    """Return the visit that the request is; a form may ask for the page in another language."""
    query = dict(request.query_params) | ({"lang": language} if language else {})
    reader = reader_of(query.get("lang"), languages_accepted(request))
    return Visit(path_asked(request), query, reader, is_framed(request))


def page(
    visit: Visit,
    content: PageContent,
    *,
    status: int = 200,
    here: str | None = None,
    again_in_seconds: int | None = None,
    again: str | None = None,
    header: Header | None = None,
    frame_origins: Sequence[str] = (),
) -> Response:
    """Return the page; `here` is its address when the one asked for only takes forms.

    `frame_origins` may show it in a frame; without any, nobody may.

    It is loaded again after so many seconds, from the address `again` if that has more to say.
    """
    path = here or visit.path
    # A header, not an element: what is read aloud does not need it.
    links = [(each, visit.in_language(path, each.code)) for each in languages().values()]
    address = again or visit.link(path)
    refresh = {"Refresh": f"{again_in_seconds};url={address}"} if again_in_seconds else {}
    frame = Frame(frame_origins) if visit.framed and frame_origins else None
    text = render(content, visit.reader, links, header, frame)
    return HTMLResponse(text, status, headers={**page_headers(frame_origins), **refresh})


def see_other(visit: Visit, path: str, **query: str | None) -> RedirectResponse:
    """Send the browser on by GET, so that loading again repeats nothing."""
    return RedirectResponse(visit.link(path, **query), 303, headers=HEADERS)


def moved(request: Request) -> RedirectResponse | None:
    """Lead from an address that differs in case and slashes only to the one that is meant."""
    path, query = request.url.path, request.url.query
    meant = "/" + "/".join(part for part in path.lower().split("/") if part)
    if meant == path or not _ADDRESS.fullmatch(meant):
        return None
    return RedirectResponse(f"{meant}?{query}" if query else meant, 308, headers=HEADERS)
