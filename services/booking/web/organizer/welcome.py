"""The first visit: one press makes the page, then few fields a step lead to a shared address."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.domain.handle import fresh_handle, handle_faults
from services.booking.domain.meeting_type import default_slug
from services.booking.domain.refusals import Invalid, PageMissing
from services.booking.page.views import PageView
from services.booking.web.attendee.meeting import initials
from services.booking.web.organizer.desk import HOME, READ, Desk, desk_of, form_of
from services.booking.web.organizer.faults import Refused, faults_at
from services.booking.web.organizer.profile_form import (
    FAULT_RULES,
    document_of,
    locale_in,
    own_page,
    put_page,
)
from services.booking.web.organizer.rows import Fields
from services.booking.web.organizer.zone_options import Regions, regions_with
from services.booking.web.wording import languages
from services.chassis.events.transactions import NameTaken
from services.chassis.ids import new_id
from services.chassis.web.catalogues import language_code
from services.chassis.web.form_faults import FieldFault, by_field
from services.chassis.web.zones import is_zone

WELCOME = f"{HOME}/welcome"
STEPS = ("name", "zone", "hours", "type", "share")
# Where those are whose browser names no zone, by the language that they read.
USUAL_ZONES = {"da": "Europe/Copenhagen"}

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WelcomePage:
    """What a first visit begins with; `zone` is the one that is proposed."""

    TEMPLATE: ClassVar[str] = "organizer/welcome.html"

    name: str
    email: str
    action: str
    form_key: str
    zone: str
    fault: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPage:
    """One step: its form, and the way back; `step` is its number from 1."""

    TEMPLATE: ClassVar[str] = "organizer/welcome_step.html"

    name: str
    step: int
    steps: Sequence[str]
    action: str
    form_key: str
    back: str | None
    fields: Fields
    faults: Sequence[FieldFault]
    wrong: dict[str, str]
    organizer: str
    initials: str
    url: str
    regions: Regions
    languages_known: Sequence[tuple[str, str]]


def step_path(name: str) -> str:
    """Return the address of a step."""
    return f"{WELCOME}/{name}"


def next_step(name: str) -> str:
    """Return the address of the step behind this one."""
    return step_path(STEPS[STEPS.index(name) + 1])


def previous_step(name: str) -> str | None:
    """Return the address of the step before this one, if there is one."""
    place = STEPS.index(name)
    return step_path(STEPS[place - 1]) if place else None


def show_welcome(desk: Desk, fault: str | None = None) -> Response:
    """Return the page of somebody who has none yet."""
    usual = USUAL_ZONES.get(desk.visit.reader.language.code, "UTC")
    content = WelcomePage(
        name=desk.organizer.name,
        email=desk.organizer.email,
        action=WELCOME,
        form_key=desk.key(WELCOME),
        zone=desk.visit.time_zone or usual,
        fault=fault,
    )
    return desk.show(content, "overview", status=422 if fault else 200, here=HOME)


@routes.post(WELCOME)
async def make(request: Request) -> Response:
    """Make the page from what the sign-in says; pressed again it changes nothing."""
    desk, fields = await form_of(request, WELCOME, form_at=HOME)
    named = fields.get("time_zone", "")
    document = {
        "handle": _proposed_handle(desk),
        "time_zone": named if is_zone(named) else "UTC",
        "locale": desk.visit.reader.locale,
    }
    with desk.parts.waiting.about(desk.organizer.id) as answers:
        try:
            made = await _put_new(desk, document)
        except Invalid:  # the sign-in names no address to which mails could go
            return show_welcome(desk, "organizer.fault.own_email")
        await answers.until(
            lambda view: view.page.access.verdict != "undecided", lambda: own_page(desk), made
        )
    return desk.see_other(step_path("name"))


@routes.api_route(step_path("name"), methods=READ)
async def show_name(request: Request) -> Response:
    desk = await desk_of(request)
    view = await own_page(desk)
    return _show(desk, view, "name", desk.typed_before() or {"handle": view.page.profile.handle})


@routes.post(step_path("name"))
async def save_name(request: Request) -> Response:
    return await _save(request, "name")


@routes.api_route(step_path("zone"), methods=READ)
async def show_zone(request: Request) -> Response:
    desk = await desk_of(request)
    view = await own_page(desk)
    profile = view.page.profile
    saved = {"time_zone": profile.time_zone, "locale": language_code(profile.locale)}
    return _show(desk, view, "zone", desk.typed_before() or saved)


@routes.post(step_path("zone"))
async def save_zone(request: Request) -> Response:
    return await _save(request, "zone")


async def _save(request: Request, name: str) -> Response:
    path = step_path(name)
    desk, fields = await form_of(request, path, form_at=path)
    view = await own_page(desk)
    profile = view.page.profile
    changes: dict[str, object] = {
        field: fields[field].strip() for field in ("handle", "time_zone") if field in fields
    }
    if "locale" in fields:
        changes["locale"] = locale_in(profile.locale, fields["locale"])
    document = document_of(profile, **changes)
    try:
        await put_page(desk, document, None)
    except Refused as refused:
        return _show(desk, view, name, fields, faults_at(refused, document, FAULT_RULES))
    return desk.see_other(next_step(name))


def _show(
    desk: Desk, view: PageView, name: str, fields: Fields, faults: Sequence[FieldFault] = ()
) -> Response:
    profile = view.page.profile
    content = StepPage(
        name=name,
        step=STEPS.index(name) + 1,
        steps=STEPS,
        action=step_path(name),
        form_key=desk.key(step_path(name)),
        back=previous_step(name),
        fields=fields,
        faults=faults,
        wrong=dict(by_field(faults)),
        organizer=profile.display_name,
        initials=initials(profile.display_name),
        url=f"{desk.parts.settings.public_url}/with/",
        regions=regions_with(fields.get("time_zone", profile.time_zone)),
        languages_known=[(each.code, each.name) for each in languages().values()],
    )
    return desk.show(content, "overview", status=422 if faults else 200, here=step_path(name))


def _proposed_handle(desk: Desk) -> str:
    """Return an address made from the name, or one of digits where that is no address."""
    handle = default_slug(desk.organizer.name)
    return fresh_handle(handle, new_id()) if any(handle_faults(handle)) else handle


async def _put_new(desk: Desk, document: Mapping[str, object]) -> PageView:
    """Make the page, unless it is there; with another address if somebody has this one."""
    with suppress(PageMissing):
        return await own_page(desk)
    try:
        return await put_page(desk, document, None)
    except NameTaken:
        handle = fresh_handle(str(document["handle"]), new_id())
        return await put_page(desk, {**document, "handle": handle}, None)
