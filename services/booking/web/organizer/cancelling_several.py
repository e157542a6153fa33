"""Cancelling several meetings of a day at once: each by its own command, with one reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.bookings.context import load_bookings
from services.booking.bookings.list_records import Filters, find_bookings
from services.booking.bookings.views import BookingView, view_of
from services.booking.domain import booking, page
from services.booking.domain.refusals import Invalid, Refusal
from services.booking.web.organizer.booking_lines import BOOKINGS, BookingLine, line_of
from services.booking.web.organizer.bookings import TO_COME
from services.booking.web.organizer.desk import HOME, READ, Desk, desk_of, form_of
from services.booking.web.organizer.own_booking import OwnBooking, own_booking
from services.booking.web.organizer.refused import refused_in_words
from services.chassis.ids import parse_id
from services.chassis.postgres.database import Connection
from services.chassis.text.typed import trimmed
from services.chassis.web.clock import Clock

PATH = f"{BOOKINGS}/cancel-several"
ACTION = "cancel-several"
# In front of a booking's id: the name of its box.
BOX = "booking."
MOST = 60

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelSeveralPage:
    """The bookings of a day with a box each, and one reason for all."""

    TEMPLATE: ClassVar[str] = "organizer/cancel_several.html"

    day: str
    day_words: str
    today: str
    path: str
    lang: str
    lines: Sequence[BookingLine]
    chosen: frozenset[str]
    reason: str
    fault: str
    earlier: str
    later: str
    action: str
    form_key: str
    back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOutcome:
    """What came of one of them; `words` are the keys of the reasons if it was not cancelled."""

    line: BookingLine
    kind: Literal["cancelled", "already", "not"]
    words: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelledPage:
    """Which of the bookings were cancelled, and which not, and why."""

    TEMPLATE: ClassVar[str] = "organizer/cancelled_several.html"

    outcomes: Sequence[CancelOutcome]
    cancelled: int
    here: str
    back: str
    types: str


@routes.api_route(PATH, methods=READ)
async def choose(request: Request) -> Response:
    desk = await desk_of(request)
    typed = desk.typed_before() or {}
    day = typed.get("day") or request.query_params.get("day")
    return await _choose_page(desk, day, typed)


@routes.post(PATH)
async def cancel(request: Request) -> Response:
    desk, fields = await form_of(request, ACTION, form_at=PATH)
    chosen = [found for name in fields if (found := _chosen(name))][:MOST]
    if not chosen:
        fault = "cancel_several.none_chosen"
        return await _choose_page(desk, fields.get("day"), fields, fault=fault, status=422)
    reason = trimmed(fields.get("reason", ""))
    try:
        # All are theirs, or nothing is done.
        own = [await own_booking(desk, str(id_)) for id_ in chosen]
        outcomes = [await _cancel(each, reason) for each in own]
    except Invalid:  # the first one says that the reason is too long: nothing was cancelled
        return await _choose_page(desk, fields.get("day"), fields, fault="fault.reason", status=422)
    content = CancelledPage(
        outcomes=outcomes,
        cancelled=sum(each.kind != "not" for each in outcomes),
        here=desk.link(PATH, day=fields.get("day")),
        back=desk.link(BOOKINGS),
        types=desk.link(f"{HOME}/types"),
    )
    return desk.show(content, "bookings", here=PATH)


async def _cancel(own: OwnBooking, reason: str) -> CancelOutcome:
    """Cancel one; raise Invalid for the reason."""
    desk = own.desk
    was_over = isinstance(own.view.state, booking.Cancelled | booking.Declined)
    try:
        view = await desk.parts.bookings.cancel(own.id, "organizer", reason)
    except Invalid:
        raise
    except Refusal as refusal:
        now = await own_booking(desk, str(own.id))
        words = refused_in_words(now, refusal)
        line = line_of(now.view, desk, now.clock)
        return CancelOutcome(line=line, kind="not", words=words)
    return CancelOutcome(
        line=line_of(view, desk, own.clock), kind="already" if was_over else "cancelled", words=()
    )


async def _choose_page(
    desk: Desk,
    day_text: str | None,
    typed: Mapping[str, str],
    *,
    fault: str = "",
    status: int = 200,
) -> Response:
    found = await _day(desk, day_text)
    if found is None:
        return desk.see_other(HOME)
    day, views, clock = found
    today = datetime.now(clock.zone).date()
    lines = [line_of(view, desk, clock) for view in views]
    boxes = frozenset(str(each) for name in typed if (each := _chosen(name)))
    content = CancelSeveralPage(
        day=day.isoformat(),
        day_words=clock.day_near(day, today),
        today=today.isoformat(),
        path=PATH,
        lang=desk.visit.reader.asked or "",
        lines=lines,
        # Who is ill cancels all of the day; a box that is emptied stays so.
        chosen=boxes if typed else frozenset(line.id for line in lines),
        reason=typed.get("reason", ""),
        fault=fault,
        earlier=desk.link(PATH, day=(day - timedelta(days=1)).isoformat()),
        later=desk.link(PATH, day=(day + timedelta(days=1)).isoformat()),
        action=desk.link(PATH),
        form_key=desk.key(ACTION),
        back=desk.link(BOOKINGS),
    )
    return desk.show(content, "bookings", status=status, here=PATH)


async def _day(desk: Desk, text: str | None) -> tuple[date, Sequence[BookingView], Clock] | None:
    """Return the day that is asked for, by default today, with what can be cancelled of it."""

    async def work(
        connection: Connection,
    ) -> tuple[date, Sequence[BookingView], Clock] | None:
        # A day here is at most a day away from the one in UTC; what is too much is left out.
        wide = _date(text) or datetime.now(UTC).date()
        around = datetime.combine(wide, time(), UTC)
        filters = Filters(
            statuses=TO_COME,
            since=max(around - timedelta(days=1), datetime.now(UTC)),
            until=around + timedelta(days=2),
        )
        found = await find_bookings(connection, desk.organizer.id, filters, limit=3 * MOST)
        owner = found.page.state
        if not isinstance(owner, page.Page):
            return None
        clock = desk.visit.clock(owner.profile.time_zone, locked=True)
        day = _date(text) or found.now.astimezone(clock.zone).date()
        contexts = await load_bookings(connection, found.ids) if found.ids else []
        views = [view for each in contexts if _is_on(view := view_of(each), day, clock)]
        return day, sorted(views, key=lambda view: view.slot.start)[:MOST], clock

    return await desk.parts.transactions.read(work)


def _is_on(view: BookingView, day: date, clock: Clock) -> bool:
    return view.slot.start.astimezone(clock.zone).date() == day


def _date(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if 2000 <= found.year < 2200 else None


def _chosen(name: str) -> UUID | None:
    return parse_id(name.removeprefix(BOX)) if name.startswith(BOX) else None
