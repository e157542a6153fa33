"""One user: why they have a page or not, also as of a moment, and their settings as a form."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.policy import answers, commands
from services.policy.commands import UserAccess
from services.policy.tracing import trace
from services.policy.web.change_rows import CHANGES
from services.policy.web.desk import Desk, desk_of, form_of
from services.policy.web.form_state import FormState, fields_to_begin_with, form_state
from services.policy.web.people import USERS, people
from services.policy.web.plan import PLANS
from services.policy.web.refusing import RefusedForm, plan_form
from services.policy.web.rendering import READ
from services.policy.web.setting_fields import (
    ASSIGNED,
    ENABLED,
    LICENCE,
    OF_USER,
    PLAN,
    Fields,
    document_of,
)
from services.policy.web.setting_words import in_words

AS_OF = "as_of"

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule of the trace: its verdict, whose setting decided it, and that setting."""

    name: str
    verdict: bool
    level: str
    value: str
    matched: str
    decides: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """The verdict with the way to it, in words; `moment` is empty for now."""

    enabled: bool
    sentences: Sequence[str]
    rules: Sequence[RuleLine]
    version: int
    moment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPage:
    """A user's trace and settings; `asked` is the moment as typed, `wrong_moment` its fault."""

    TEMPLATE: ClassVar[str] = "user.html"

    name: str
    about: str
    back: str
    known: bool
    trace: Trace
    asked: str
    wrong_moment: bool
    zone: str
    kept: Sequence[tuple[str, str]]
    form: FormState
    sharing_policies: Sequence[str]
    here: str
    changes: str


@routes.api_route(f"{USERS}/{{user}}", methods=READ)
async def show(request: Request, user: str) -> Response:
    desk = await desk_of(request)
    id_ = desk.parts.user_id(user)
    if user != str(id_):
        return desk.see_other(f"{USERS}/{id_}")
    seen = await desk.parts.read(lambda c: commands.load_user(c, id_))
    fields = await fields_to_begin_with(desk, "user", user, seen.user.state.settings, OF_USER)
    return await _show(desk, id_, seen, fields)


@routes.post(f"{USERS}/{{user}}")
async def plan(request: Request, user: str) -> Response:
    path = f"{USERS}/{user}"
    desk, fields = await form_of(request, path, form_at=path)
    id_ = desk.parts.user_id(user)
    seen = await desk.parts.read(lambda c: commands.load_user(c, id_))
    document = document_of(fields, seen.user.state.settings, OF_USER)
    made = await plan_form(desk, "user", str(id_), document, fields)
    if isinstance(made, RefusedForm):
        blank = dict.fromkeys((LICENCE, PLAN, ASSIGNED, ENABLED), "")
        return await _show(desk, id_, seen, {**blank, **fields}, made)
    return desk.see_other(f"{PLANS}/{made.number}")


async def _show(
    desk: Desk,
    id_: UUID,
    seen: UserAccess,
    fields: Fields,
    refused: RefusedForm | None = None,
) -> Response:
    asked = desk.visit.query.get(AS_OF, "").strip()
    moment = _moment_in(desk, asked) if asked else None
    effective = await desk.parts.read(lambda c: trace(c, id_, moment))
    path, kept = f"{USERS}/{id_}", desk.visit.kept(USERS)
    clock, [who] = desk.clock, await people(desk, [id_])
    content = UserPage(
        name=who.name,
        about=who.about,
        back=desk.link(USERS),
        known=seen.user.version > 0,
        trace=_trace(desk, effective, clock.moment(moment) if moment else ""),
        asked=asked,
        wrong_moment=bool(asked) and moment is None,
        zone=clock.zone.key,
        kept=[(name, value) for name, value in kept.items() if value],
        form=await form_state(desk, path, seen.user.version, fields, refused),
        sharing_policies=sorted(each.name for each in seen.by.state.sharing.values()),
        here=desk.link(path),
        changes=desk.link(CHANGES, user=str(id_)),
    )
    return desk.show(content, "users", status=refused.status if refused else 200, here=path)


def _moment_in(desk: Desk, text: str) -> datetime | None:
    """Return the moment that was typed: an instant, or a time on the clock of the page."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    try:
        return found.replace(tzinfo=found.tzinfo or desk.clock.zone).astimezone(UTC)
    except OverflowError:
        return None


def _trace(desk: Desk, effective: answers.EffectiveAccess, moment: str) -> Trace:
    explained = effective.explanation
    danish = desk.visit.reader.language.code == "da"
    return Trace(
        enabled=effective.enabled,
        sentences=explained.da if danish else explained.en,
        rules=[_rule(desk, each, effective) for each in effective.rules],
        version=effective.policy_version,
        moment=moment,
    )


def _rule(desk: Desk, rule: answers.RuleResult, effective: answers.EffectiveAccess) -> RuleLine:
    return RuleLine(
        name=desk.say(f"explain.rule.{rule.rule}"),
        verdict=rule.verdict,
        level=desk.say(f"explain.level.{rule.decided_by}"),
        value=in_words(desk, rule.value),
        matched=rule.matched or "",
        decides=rule.rule == effective.deciding_rule,
    )
