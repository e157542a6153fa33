"""The audit: every change and every refused attempt, with filters, in pages and as a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import ClassVar, get_args

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from services.chassis.text.typed import trimmed
from services.chassis.web.form_faults import FieldFault
from services.chassis.web.page_headers import PAGE_HEADERS
from services.policy.audit_api import exported
from services.policy.audit_records import AuditEntry, AuditFilter, Outcome, find_records
from services.policy.directory.search import find_users
from services.policy.web.change_rows import CHANGES, ChangeRow, entry_rows
from services.policy.web.desk import Desk, desk_of
from services.policy.web.refusing import number_in
from services.policy.web.rendering import READ

ON_A_PAGE, MOST_NAMED = 50, 100
KINDS = ("organization", "user", "sharing_policy")
OUTCOMES = get_args(Outcome)
FILTERS = ("who", "whom", "what", "outcome", "from", "to")
LONGEST = 200

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Records of the audit, the newest first; `asked` is what each filter holds."""

    TEMPLATE: ClassVar[str] = "audit.html"

    asked: dict[str, str]
    wrong: dict[str, FieldFault]
    kinds: Sequence[str]
    outcomes: Sequence[str]
    changes: Sequence[ChangeRow]
    zone: str
    more: str | None
    export: str
    is_filtered: bool
    kept: Sequence[tuple[str, str]]
    here: str
    action: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: as it was typed, what is wrong with it, and the filter that it is."""

    typed: dict[str, str]
    wrong: dict[str, FieldFault]
    filter: AuditFilter


@routes.api_route(CHANGES, methods=READ)
async def show(request: Request) -> Response:
    desk = await desk_of(request)
    asked, after = await _asked(desk), number_in(desk.visit.query.get("cursor", ""))
    found = await _found(desk, asked.filter, after, ON_A_PAGE + 1) if not asked.wrong else []
    last = str(found[ON_A_PAGE - 1].number) if len(found) > ON_A_PAGE else None
    content = AuditPage(
        asked=asked.typed,
        wrong=asked.wrong,
        kinds=KINDS,
        outcomes=OUTCOMES,
        changes=await entry_rows(desk, found[:ON_A_PAGE]),
        zone=desk.clock.zone.key,
        more=last and desk.link(CHANGES, **asked.typed, cursor=last),
        export=desk.link(f"{CHANGES}.csv", **asked.typed),
        is_filtered=any(asked.typed.values()),
        kept=[(name, value) for name, value in desk.visit.kept(CHANGES).items() if value],
        here=desk.link(CHANGES),
        action=CHANGES,
    )
    return desk.show(content, "audit", status=422 if asked.wrong else 200)


@routes.api_route(f"{CHANGES}.csv", methods=READ)
async def export(request: Request) -> Response:
    desk = await desk_of(request)
    asked = await _asked(desk)
    if asked.wrong:
        return desk.see_other(CHANGES, **asked.typed)
    headers = {**PAGE_HEADERS, "Content-Disposition": 'attachment; filename="audit.csv"'}
    lines = exported(desk.parts, asked.filter, "newest")
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


async def _found(
    desk: Desk, wanted: AuditFilter, after: int | None, limit: int
) -> list[AuditEntry]:
    return await desk.parts.read(
        lambda c: find_records(c, wanted, order="newest", after=after, limit=limit)
    )


async def _asked(desk: Desk) -> Asked:
    typed = {
        name: trimmed(desk.visit.query.get(name, "")).replace("\0", "")[:LONGEST]
        for name in FILTERS
    }
    days = {name: _day_in(typed[name]) for name in ("from", "to")}
    wrong = {
        name: FieldFault(name, "admin.fault.day")
        for name, day in days.items()
        if typed[name] and day is None
    }
    since, until = days["from"], days["to"]
    wanted = AuditFilter(
        who=await _names(desk, typed["who"]),
        whom=await _names(desk, typed["whom"]),
        what=typed["what"] if typed["what"] in KINDS else None,
        outcome=next((each for each in OUTCOMES if each == typed["outcome"]), None),
        since=_begin_of(desk, since) if since else None,
        until=_begin_of(desk, _day_behind(until)) if until else None,
    )
    return Asked(typed, wrong, wanted)


async def _names(desk: Desk, text: str) -> Sequence[str] | None:
    """Return how records may have whom the text names: by a part of the name, or an id."""
    if not text:
        return None
    found = await desk.parts.read(lambda c: find_users(c, text, limit=MOST_NAMED))
    own = desk.administrator
    mine = [own.id] if text.casefold() in own.name.casefold() else []
    ids = [*(each.id for each in found), *mine, desk.parts.user_id(text)]
    return [text, *map(str, ids)]


def _day_in(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _day_behind(day: date) -> date:
    """Return the day behind, which is where a filter ends that has this one in it."""
    return day if day == date.max else day + timedelta(days=1)


def _begin_of(desk: Desk, day: date) -> datetime:
    """Return when the day begins on the clock of the page."""
    return datetime.combine(day, time.min, desk.clock.zone)
