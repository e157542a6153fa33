"""The organizer's bookings: what waits for a decision, the days to come, and a list with search."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.bookings.context import load_bookings
from services.booking.bookings.list_records import (
    Filters,
    FoundBookings,
    Place,
    find_bookings,
    place_in,
    written_place,
)
from services.booking.bookings.views import BookingView, view_of
from services.booking.domain import page
from services.booking.web.organizer.booking_lines import (
    BOOKINGS,
    BookingLine,
    DayOfBookings,
    awaits_answer,
    by_day,
    line_of,
    path_of,
)
from services.booking.web.organizer.desk import HOME, READ, Desk, desk_of
from services.booking.web.organizer.unreached import unreached_bookings, unreached_ids
from services.chassis.postgres.database import Connection
from services.chassis.text.typed import trimmed
from services.chassis.web.clock import Clock

LIST = f"{BOOKINGS}/list"
ON_A_PAGE = 40
MOST_WAITING = 20
LONGEST_SEARCH = 200
TO_COME = ("confirmed", "requested")
SHOWN = ("confirmed", "requested", "declined", "cancelled")
TIMES = ("coming", "past", "all")

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingBooking:
    """What the organizer has to answer, with the forms that do."""

    line: BookingLine
    until: str
    approve: str
    approve_key: str
    decline: str
    decline_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaPage:
    """What waits for a decision, and the bookings to come by day."""

    TEMPLATE: ClassVar[str] = "organizer/bookings.html"

    done: str | None
    waiting: Sequence[WaitingBooking]
    unreached: Sequence[BookingLine]
    days: Sequence[DayOfBookings]
    zone: str
    more: str | None
    is_first: bool
    ways: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """Bookings of any state and time, with search and filters."""

    TEMPLATE: ClassVar[str] = "organizer/booking_list.html"

    words: str
    status: str
    time: str
    statuses: Sequence[str]
    times: Sequence[str]
    lines: Sequence[BookingLine]
    zone: str
    more: str | None
    is_filtered: bool
    kept: Sequence[tuple[str, str]]
    ways: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Read:
    """What a page of the list shows, on the organizer's clock."""

    views: Sequence[BookingView]
    waiting: Sequence[BookingView]
    clock: Clock
    next_place: str | None


@routes.api_route(BOOKINGS, methods=READ)
async def agenda(request: Request) -> Response:
    desk = await desk_of(request)
    after = place_in(request.query_params.get("cursor"))
    filters = Filters(statuses=TO_COME, since=datetime.now(UTC))
    read, ids = await asyncio.gather(
        _read(desk, filters, after, most_waiting=0 if after else MOST_WAITING), unreached_ids(desk)
    )
    if read is None:
        return desk.see_other(HOME)
    unreached = () if after else await unreached_bookings(desk, ids)
    content = AgendaPage(
        done=desk.done,
        waiting=[_waiting(desk, view, read.clock) for view in read.waiting],
        unreached=[line_of(view, desk, read.clock) for view in unreached],
        days=by_day(read.views, desk, read.clock, ids),
        zone=_zone(read.clock),
        more=read.next_place and desk.link(BOOKINGS, cursor=read.next_place),
        is_first=after is None,
        ways=_ways(desk),
    )
    return desk.show(content, "bookings")


@routes.api_route(LIST, methods=READ)
async def listed(request: Request) -> Response:
    desk, query = await desk_of(request), request.query_params
    words = trimmed(query.get("q", "")).replace("\0", "")[:LONGEST_SEARCH]
    status = query.get("status", "") if query.get("status") in SHOWN else ""
    time = query["time"] if query.get("time") in TIMES else "coming"
    now = datetime.now(UTC)
    filters = Filters(
        statuses=(status,) if status else SHOWN,
        since=now if time == "coming" else None,
        until=now if time == "past" else None,
        words=words,
        latest_first=time != "coming",
    )
    read, ids = await asyncio.gather(
        _read(desk, filters, place_in(query.get("cursor"))), unreached_ids(desk)
    )
    if read is None:
        return desk.see_other(HOME)
    asked = {"q": words or None, "status": status or None, "time": time}
    content = ListPage(
        words=words,
        status=status,
        time=time,
        statuses=SHOWN,
        times=TIMES,
        lines=[line_of(view, desk, read.clock, unreached=ids) for view in read.views],
        zone=_zone(read.clock),
        more=read.next_place and desk.link(LIST, **asked, cursor=read.next_place),
        is_filtered=bool(words or status or time != "coming"),
        kept=[("lang", desk.visit.reader.asked)] if desk.visit.reader.asked else [],
        ways=_ways(desk),
    )
    return desk.show(content, "bookings")


async def _read(
    desk: Desk, filters: Filters, after: Place | None, *, most_waiting: int = 0
) -> _Read | None:
    """Return what is found, in two round trips; None for an organizer without a page."""

    async def work(connection: Connection) -> tuple[FoundBookings, Mapping[object, BookingView]]:
        found = await find_bookings(
            connection,
            desk.organizer.id,
            filters,
            after=after,
            limit=ON_A_PAGE + 1,
            most_waiting=most_waiting,
        )
        ids = list({*found.ids, *found.waiting})
        contexts = await load_bookings(connection, ids) if ids else []
        return found, {each.owner.booking_id: view_of(each) for each in contexts}

    found, views = await desk.parts.transactions.read(work)
    owner = found.page.state
    if not isinstance(owner, page.Page):
        return None
    shown = [views[id_] for id_ in found.ids[:ON_A_PAGE]]
    last = shown[-1] if len(found.ids) > ON_A_PAGE else None
    waiting = [view for id_ in found.waiting if awaits_answer(view := views[id_])]
    return _Read(
        views=shown,
        waiting=sorted(waiting, key=_deadline),
        clock=desk.visit.clock(owner.profile.time_zone, locked=True),
        next_place=written_place(Place(last.slot.start, last.id)) if last else None,
    )


def _deadline(view: BookingView) -> datetime:
    move = view.pending_move
    return move.expires_at if move and move.awaits_approval else view.answer_by or view.slot.start


def _waiting(desk: Desk, view: BookingView, clock: Clock) -> WaitingBooking:
    path = path_of(view)
    return WaitingBooking(
        line=line_of(view, desk, clock),
        until=clock.moment(_deadline(view)),
        approve=desk.link(f"{path}/approve"),
        approve_key=desk.key(f"approve-{view.id}"),
        decline=desk.link(f"{path}/decline"),
        decline_key=desk.key(f"decline-{view.id}"),
    )


def _ways(desk: Desk) -> Mapping[str, str]:
    """Return where one goes on from the lists, by name."""
    return {
        "agenda": desk.link(BOOKINGS),
        "list": desk.link(LIST),
        "filter": LIST,
        "new": desk.link(f"{BOOKINGS}/new"),
        "cancel": desk.link(f"{BOOKINGS}/cancel-several"),
        "why": desk.link(f"{HOME}/why"),
        "offer": desk.link(f"{HOME}/offers/new"),
        "share": desk.link(f"{HOME}/types"),
    }


def _zone(clock: Clock) -> str:
    return clock.zone_at(datetime.now(UTC))
