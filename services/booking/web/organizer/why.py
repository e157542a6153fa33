"""Why a time is not offered: a type, a day and a time, and each rule with its verdict in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.domain import page
from services.booking.domain.refusals import NotFound, PageMissing
from services.booking.explanations import Explained, RuleVerdict
from services.booking.meeting_types.views import MeetingTypeView, view_types
from services.booking.page.views import view_page
from services.booking.web.attendee.problems import NextStep
from services.booking.web.organizer.desk import HOME, READ, Desk, desk_of
from services.chassis.ids import parse_id
from services.chassis.web.clock import Clock
from services.chassis.web.plain_text import one_line

PATH = f"{HOME}/why"

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """A rule: whether it lets the time through, the sentence that says why, where to change it."""

    name: str
    passed: bool
    words: str
    way: NextStep | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyPage:
    """The question, and the answer once it is asked; `answer` is the key of its heading."""

    TEMPLATE: ClassVar[str] = "organizer/why.html"

    types: Sequence[tuple[str, str]]
    chosen: str
    day: str
    time: str
    zone: str
    path: str
    kept: Sequence[tuple[str, str]]
    answer: str
    when: str
    rules: Sequence[RuleLine]
    fault: str
    new_type: str
    back: str


@routes.api_route(PATH, methods=READ)
async def explain(request: Request) -> Response:
    desk, query = await desk_of(request), request.query_params
    try:
        owner = (await desk.parts.transactions.read(lambda c: view_page(c, desk.organizer.id))).page
    except PageMissing:
        return desk.see_other(HOME)
    types = await desk.parts.transactions.read(lambda c: view_types(c, desk.organizer.id))
    clock = desk.visit.clock(owner.profile.time_zone, locked=True)
    asked = _asked(desk, types)
    start = _start(query.get("day", ""), query.get("time", ""), clock.zone)
    explained = await _explained(desk, asked, start) if asked and start else None
    tomorrow = datetime.now(clock.zone).date() + timedelta(days=1)
    is_asked = "day" in query or "time" in query
    content = WhyPage(
        types=[(str(each.id), one_line(each.meeting_type.settings.title, 120)) for each in types],
        chosen=str(asked) if asked else "",
        day=query.get("day", "") or tomorrow.isoformat(),
        time=query.get("time", "") or "10:00",
        zone=clock.zone_at(start or datetime.now(clock.zone)),
        path=PATH,
        kept=[("lang", desk.visit.reader.asked)] if desk.visit.reader.asked else [],
        answer=_answer(explained) if explained else "",
        when=clock.moment(start) if start else "",
        rules=[_line(each, owner, clock, desk, asked) for each in explained.rules]
        if explained
        else [],
        fault="why.fault" if is_asked and not start else "",
        new_type=desk.link(f"{HOME}/types"),
        back=desk.link(f"{HOME}/bookings"),
    )
    return desk.show(content, "bookings", status=422 if content.fault else 200)


def _asked(desk: Desk, types: Sequence[MeetingTypeView]) -> UUID | None:
    """Return the type that the address names; raise NotFound for one of somebody else."""
    named = desk.visit.query.get("type")
    if named is None:
        return types[0].id if types else None
    id_ = parse_id(named)
    if id_ not in {each.id for each in types}:
        raise NotFound("meeting type")
    return id_


async def _explained(desk: Desk, type_id: UUID, start: datetime) -> Explained:
    token = desk.parts.tokens.organizer(desk.organizer.id)
    return await desk.parts.explanations.explain(type_id, start, token)


def _start(day: str, at: str, zone: ZoneInfo) -> datetime | None:
    """Return the time on the organizer's clock; None for what is none."""
    try:
        found = datetime.combine(date.fromisoformat(day), time.fromisoformat(at), zone)
    except ValueError:
        return None
    # Of a time that does not come on that day, what the clock shows an hour later.
    return found if 2000 <= found.year < 2200 else None


def _answer(explained: Explained) -> str:
    if not explained.known:
        return "why.unknown"
    return "why.offered" if explained.offered else "why.not_offered"


def _line(
    verdict: RuleVerdict, owner: page.Page, clock: Clock, desk: Desk, type_id: UUID | None
) -> RuleLine:
    """Return the rule in words: those that know more than availability come first."""
    phrases, said = clock.reader.language.phrases, "yes" if verdict.passed else "no"
    key = f"why.{verdict.rule}.{said}"
    if verdict.rule == "page_open" and not verdict.passed:
        key = "why.page_open.unpublished" if page.is_allowed(owner) else "why.page_open.denied"
    elif verdict.rule == "inside_hours" and verdict.since is None:
        key = "why.inside_hours.none"
    elif verdict.rule == "on_grid" and verdict.minutes is None:
        key = "why.on_grid.none"
    name = f"why.rule.{verdict.rule}"
    return RuleLine(
        name=name if name in phrases else "why.rule.other",
        passed=verdict.passed,
        words=clock.reader.language.say(
            key if key in phrases else f"why.other.{said}", **_facts(verdict, clock)
        ),
        way=None if verdict.passed else _way(verdict.rule, desk, type_id),
    )


def _way(rule: str, desk: Desk, type_id: UUID | None) -> NextStep | None:
    """Return where the organizer can change what stops the time."""
    match rule:
        case "free":
            return NextStep(desk.link(f"{HOME}/bookings"), "why.way.bookings")
        case "page_open":
            return NextStep(desk.link(f"{HOME}/page"), "why.way.page")
        case "meeting_type_known" | "calendar_known":
            return None
        case _:
            words = "why.way.hours" if rule == "inside_hours" else "why.way.type"
            return NextStep(desk.link(f"{HOME}/types/{type_id}"), words)


def _facts(verdict: RuleVerdict, clock: Clock) -> Mapping[str, str]:
    since, until = verdict.since, verdict.until
    return {
        "span": clock.when(since, until) if since and until else "",
        "since": clock.moment(since) if since else "",
        "until": clock.moment(until) if until else "",
        "minutes": str(verdict.minutes or ""),
    }
