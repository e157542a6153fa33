"""The organizer's first page: what waits for them, and how others find their page."""

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.bookings.records import bookings_of
from services.booking.domain.refusals import PageMissing
from services.booking.page.views import PageView
from services.booking.web.organizer.desk import HOME, READ, Desk, desk_of
from services.booking.web.organizer.page_state import PageState, page_state
from services.booking.web.organizer.profile_form import own_page
from services.booking.web.organizer.unreached import unreached_bookings, unreached_ids
from services.booking.web.organizer.welcome import show_welcome

# No more requests are counted.
MOST_COUNTED = 100

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewPage:
    """What the organizer sees first."""

    TEMPLATE: ClassVar[str] = "organizer/overview.html"

    name: str
    waiting: int
    unreached: int
    bookings: str
    state: PageState
    types: str
    new_type: str
    share: str
    done: str | None
    undo: str | None


@routes.api_route(HOME, methods=READ)
async def show(request: Request) -> Response:
    desk = await desk_of(request)
    try:
        view = await own_page(desk)
    except PageMissing:
        return show_welcome(desk)
    waiting, ids = await asyncio.gather(
        desk.parts.transactions.read(
            lambda c: bookings_of(c, desk.organizer.id, ["requested"], limit=MOST_COUNTED)
        ),
        unreached_ids(desk),
    )
    unreached = await unreached_bookings(desk, ids)
    return desk.show(_overview(desk, view, len(waiting), len(unreached)), "overview")


def _overview(desk: Desk, view: PageView, waiting: int, unreached: int) -> OverviewPage:
    state = page_state(desk, view)
    undo = {"page.published": state.unpublish, "page.unpublished": state.publish}
    return OverviewPage(
        name=view.page.profile.display_name,
        waiting=waiting,
        unreached=unreached,
        bookings=desk.link(f"{HOME}/bookings"),
        state=state,
        types=desk.link(f"{HOME}/types"),
        new_type=desk.link(f"{HOME}/types/new"),
        share=desk.link(f"{HOME}/page/share"),
        done=desk.done,
        undo=undo.get(desk.visit.query.get("done", "")),
    )
