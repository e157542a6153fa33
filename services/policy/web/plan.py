"""A change before it is made: who gains and loses, what it warns of, and the button that makes it.

A plan that things have moved past says what has changed and offers a new one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.policy import answers, changing, plans
from services.policy.changing import ConfirmationNeeded
from services.policy.domain.refusals import NotFound
from services.policy.plans import WorldMoved
from services.policy.web.change_rows import CHANGES, ChangeRow, change_rows, place_of
from services.policy.web.desk import Desk, Tab, desk_of, form_of
from services.policy.web.form_state import PLAN
from services.policy.web.people import Person, people
from services.policy.web.refusing import number_in
from services.policy.web.rendering import HOME, READ
from services.policy.web.setting_words import Difference, differences

PLANS = f"{HOME}/plans"

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPage:
    """A change that is not made yet, or was made; `name` is whom or which it is about."""

    TEMPLATE: ClassVar[str] = "plan.html"

    number: int
    subject: str
    name: str
    reason: str
    several: bool
    differences: Sequence[Difference]
    gains: int
    losses: int
    remaining: int
    gaining: Sequence[Person]
    losing: Sequence[Person]
    warnings: Sequence[str]
    made_at: str
    applied_at: str | None
    unconfirmed: bool
    action: str
    key: str
    place: str
    back: str
    audit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedPage:
    """What has changed since the plan was made, and what it would do now."""

    TEMPLATE: ClassVar[str] = "plan_moved.html"

    subject: str
    changes: Sequence[ChangeRow]
    then: tuple[int, int, int]
    now: tuple[int, int, int]
    action: str
    key: str
    back: str


@routes.api_route(f"{PLANS}/{{number}}", methods=READ)
async def show(request: Request, number: str) -> Response:
    desk = await desk_of(request)
    return await _show(desk, await _read(desk, number))


@routes.post(f"{PLANS}/{{number}}/apply")
async def apply(request: Request, number: str) -> Response:
    path = f"{PLANS}/{number}"
    desk, fields = await form_of(request, f"apply-{number}", form_at=path)
    plan = await _read(desk, number)
    confirmed = fields.get("confirm") == "yes"
    try:
        await changing.apply_plan(
            desk.parts, plan.number, desk.by, reason="", confirm=confirmed or None
        )
    except ConfirmationNeeded:
        return await _show(desk, plan, unconfirmed=True)
    except WorldMoved as moved:
        return await _show_moved(desk, plan, moved)
    return desk.see_other(path)


@routes.post(f"{PLANS}/{{number}}/again")
async def plan_again(request: Request, number: str) -> Response:
    desk, _ = await form_of(request, f"again-{number}", form_at=f"{PLANS}/{number}")
    plan = await _read(desk, number)
    asked, _ = await desk.parts.read(
        lambda c: plans.ask_planned(c, plan.number, desk.by, desk.parts.user_id, "")
    )
    made = await changing.plan(desk.parts, asked, None)
    return desk.see_other(f"{PLANS}/{made.number}")


async def _read(desk: Desk, text: str) -> answers.Plan:
    number = number_in(text)
    if number is None:
        raise NotFound
    return await desk.parts.read(lambda c: plans.read_plan(c, number))


async def _show(desk: Desk, plan: answers.Plan, *, unconfirmed: bool = False) -> Response:
    users = [UUID(plan.name)] if plan.what == "user" and plan.name else []
    named = await people(desk, users)
    altered = differences(desk, plan.before, plan.after)
    place = place_of(plan.what, plan.name or "", altered)
    content = PlanPage(
        number=plan.number,
        subject=f"admin.subject.{plan.what}",
        name=named[0].name if named else plan.name or "",
        reason=plan.reason,
        several=plan.what == "users",
        differences=altered,
        gains=plan.gains,
        losses=plan.losses,
        remaining=plan.remaining,
        gaining=await people(desk, plan.gaining),
        losing=await people(desk, plan.losing),
        warnings=list(dict.fromkeys(f"admin.warning.{each.code}" for each in plan.warnings)),
        made_at=desk.moment(plan.made_at),
        applied_at=desk.moment(plan.applied_at) if plan.applied_at else None,
        unconfirmed=unconfirmed,
        action=desk.link(f"{PLANS}/{plan.number}/apply"),
        key=desk.key(f"apply-{plan.number}"),
        place=desk.link(place),
        back=desk.link(place, **{PLAN: str(plan.number)}),
        audit=desk.link(CHANGES),
    )
    here, status = f"{PLANS}/{plan.number}", 422 if unconfirmed else 200
    return desk.show(content, _tab(plan), status=status, here=here)


async def _show_moved(desk: Desk, plan: answers.Plan, moved: WorldMoved) -> Response:
    now = moved.now
    content = MovedPage(
        subject=f"admin.subject.{plan.what}",
        changes=await change_rows(desk, moved.changes),
        then=(plan.gains, plan.losses, plan.remaining),
        now=(now.gains, now.losses, now.remaining),
        action=desk.link(f"{PLANS}/{plan.number}/again"),
        key=desk.key(f"again-{plan.number}"),
        back=desk.link(f"{PLANS}/{plan.number}"),
    )
    return desk.show(content, _tab(plan), status=412, here=f"{PLANS}/{plan.number}")


def _tab(plan: answers.Plan) -> Tab:
    match plan.what:
        case "user" | "users":
            return "users"
        case "sharing_policy":
            return "sharing"
        case _:
            return "organization"
