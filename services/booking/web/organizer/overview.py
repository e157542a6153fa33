"""The organizer's first page: what waits, what comes next, and how others find their page."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.bookings.context import load_bookings
from services.booking.bookings.list_records import Filters, find_bookings
from services.booking.bookings.records import bookings_of
from services.booking.bookings.views import BookingView, view_of
from services.booking.domain.refusals import PageMissing
from services.booking.page.views import PageView
from services.booking.web.organizer.booking_lines import BookingLine, line_of
from services.booking.web.organizer.desk import HOME, READ, Desk, desk_of
from services.booking.web.organizer.page_state import PageState, page_state
from services.booking.web.organizer.profile_form import own_page
from services.booking.web.organizer.unreached import unreached_bookings, unreached_ids
from services.booking.web.organizer.welcome import show_welcome
from services.chassis.postgres.database import Connection

# No more requests are counted.
MOST_COUNTED = 100
# So many of the meetings to come are shown.
NEXT = 3

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewPage:
    """What the organizer sees first."""

    TEMPLATE: ClassVar[str] = "organizer/overview.html"

    name: str
    waiting: int
    unreached: int
    next: Sequence[BookingLine]
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
    (waiting, coming), ids = await asyncio.gather(
        desk.parts.transactions.read(lambda c: _bookings(c, desk)), unreached_ids(desk)
    )
    unreached = len(await unreached_bookings(desk, ids))
    clock = desk.visit.clock(view.page.profile.time_zone, locked=True)
    lines = [line_of(each, desk, clock, unreached=ids) for each in coming]
    return desk.show(_overview(desk, view, waiting, unreached, lines), "overview")


async def _bookings(connection: Connection, desk: Desk) -> tuple[int, Sequence[BookingView]]:
    """Return how many requests wait, and the meetings that come next, in their order."""
    id_ = desk.organizer.id
    waiting = await bookings_of(connection, id_, ["requested"], limit=MOST_COUNTED)
    filters = Filters(statuses=("confirmed",), since=datetime.now(UTC))
    found = await find_bookings(connection, id_, filters, limit=NEXT)
    contexts = await load_bookings(connection, found.ids) if found.ids else []
    views = [view_of(each) for each in contexts]
    return len(waiting), sorted(views, key=lambda view: view.slot.start)


def _overview(
    desk: Desk, view: PageView, waiting: int, unreached: int, lines: Sequence[BookingLine]
) -> OverviewPage:
    state = page_state(desk, view)
    undo = {"page.published": state.unpublish, "page.unpublished": state.publish}
    return OverviewPage(
        name=view.page.profile.display_name,
        waiting=waiting,
        unreached=unreached,
        next=lines,
        bookings=desk.link(f"{HOME}/bookings"),
        state=state,
        types=desk.link(f"{HOME}/types"),
        new_type=desk.link(f"{HOME}/types/new"),
        share=desk.link(f"{HOME}/page/share"),
        done=desk.done,
        undo=undo.get(desk.visit.query.get("done", "")),
    )
