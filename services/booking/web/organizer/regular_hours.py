"""The organizer's regular hours, set once for all types: in the settings and on the first visit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.domain import page
from services.booking.page import commands
from services.booking.page.schemas import RegularHours
from services.booking.page.views import PageView
from services.booking.schemas import weekly_hours_of
from services.booking.web.organizer.desk import READ, Desk, desk_of, form_of
from services.booking.web.organizer.faults import Refused, faults_at
from services.booking.web.organizer.over_midnight import told, untold
from services.booking.web.organizer.page_state import PAGE
from services.booking.web.organizer.profile_form import own_page
from services.booking.web.organizer.rows import Fields
from services.booking.web.organizer.type_body import number, tidied, weekly_hours_in
from services.booking.web.organizer.type_fields import fields_of_hours
from services.booking.web.organizer.type_form import DayRows, pressed, week_rows
from services.booking.web.organizer.welcome import STEPS, next_step, previous_step, step_path
from services.chassis.events.streams import VersionMismatch
from services.chassis.web.form_faults import FaultRule, FieldFault, by_field

HOURS = f"{PAGE}/hours"
STEP = "hours"
VERSION = "version"
FAULT_RULES = (
    FaultRule(r"/weekly_hours/(\w+)/(\d+)(/.*)?", r"\1-\2-from", "organizer.fault.range"),
    FaultRule("/weekly_hours(/.*)?", "week", "organizer.fault.regular_hours"),
)

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegularHoursPage:
    """The hours of each day of the week; `changed` tells that they were saved otherwise."""

    TEMPLATE: ClassVar[str] = "organizer/regular_hours.html"

    action: str
    form_key: str
    version: str
    changed: bool
    fields: Fields
    faults: Sequence[FieldFault]
    wrong: dict[str, str]
    days: Sequence[DayRows]
    told: str
    zone: str
    back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursStepPage:
    """The step of the first visit that asks for them."""

    TEMPLATE: ClassVar[str] = "organizer/welcome_hours.html"

    name: str
    step: int
    steps: Sequence[str]
    action: str
    form_key: str
    back: str | None
    fields: Fields
    faults: Sequence[FieldFault]
    wrong: dict[str, str]
    days: Sequence[DayRows]
    told: str
    zone: str


@routes.api_route(HOURS, methods=READ)
async def show(request: Request) -> Response:
    desk = await desk_of(request)
    view = await own_page(desk)
    return _show(desk, view, desk.typed_before() or _saved(view))


@routes.post(HOURS)
async def change(request: Request) -> Response:
    desk, typed = await form_of(request, HOURS, form_at=HOURS)
    view = await own_page(desk)
    if (changed := pressed(typed)) is not None:
        return _show(desk, view, changed)
    fields, version = tidied(typed), number(typed.get(VERSION, ""))
    if over := untold(fields):
        return _show(desk, view, fields, over, status=422)
    try:
        await _set(desk, fields, version if isinstance(version, int) else 0)
    except Refused as refused:
        return _show(desk, view, fields, faults_at(refused, {}, FAULT_RULES), status=422)
    except VersionMismatch:
        return _show(desk, await own_page(desk), fields, status=412)
    return desk.see_other(PAGE, done="page.hours")


@routes.api_route(step_path(STEP), methods=READ)
async def show_step(request: Request) -> Response:
    desk = await desk_of(request)
    view = await own_page(desk)
    return _show_step(desk, view, desk.typed_before() or _saved(view))


@routes.post(step_path(STEP))
async def save_step(request: Request) -> Response:
    desk, typed = await form_of(request, step_path(STEP), form_at=step_path(STEP))
    view = await own_page(desk)
    if (changed := pressed(typed)) is not None:
        return _show_step(desk, view, changed)
    fields = tidied(typed)
    if over := untold(fields):
        return _show_step(desk, view, fields, over)
    try:
        await _set(desk, fields, None)
    except Refused as refused:
        return _show_step(desk, view, fields, faults_at(refused, {}, FAULT_RULES))
    return desk.see_other(next_step(STEP))


def _saved(view: PageView) -> dict[str, str]:
    return fields_of_hours(view.page.regular_hours)


async def _set(desk: Desk, fields: Fields, expected: int | None) -> None:
    body = RegularHours.model_validate({"weekly_hours": weekly_hours_in(fields)})
    command = page.SetRegularHours(weekly_hours_of(body.weekly_hours))
    await desk.parts.transactions.write(
        lambda c: commands.change_page(c, desk.organizer.id, command, expected)
    )


def _show(
    desk: Desk,
    view: PageView,
    fields: Fields,
    faults: Sequence[FieldFault] = (),
    *,
    status: int = 200,
) -> Response:
    changed = status == 412
    content = RegularHoursPage(
        action=HOURS,
        form_key=desk.key(HOURS),
        # Sent once more behind a conflict, what was typed counts.
        version=str(view.version) if changed else fields.get(VERSION, str(view.version)),
        changed=changed,
        fields=fields,
        faults=faults,
        wrong=dict(by_field(faults)),
        days=week_rows(desk, fields),
        told=told(tidied(fields)),
        zone=view.page.profile.time_zone,
        back=desk.link(PAGE),
    )
    return desk.show(content, "page", status=status, here=HOURS)


def _show_step(
    desk: Desk, view: PageView, fields: Fields, faults: Sequence[FieldFault] = ()
) -> Response:
    content = HoursStepPage(
        name=STEP,
        step=STEPS.index(STEP) + 1,
        steps=STEPS,
        action=step_path(STEP),
        form_key=desk.key(step_path(STEP)),
        back=previous_step(STEP),
        fields=fields,
        faults=faults,
        wrong=dict(by_field(faults)),
        days=week_rows(desk, fields),
        told=told(tidied(fields)),
        zone=view.page.profile.time_zone,
    )
    return desk.show(content, "overview", status=422 if faults else 200, here=step_path(STEP))
