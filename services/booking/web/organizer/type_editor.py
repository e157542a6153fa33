"""Making and changing a meeting type: the form is sent until what it says can be taken."""

from collections.abc import Sequence
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.callers import id_of
from services.booking.domain.location import InPerson
from services.booking.domain.meeting_type import Settings
from services.booking.meeting_types import commands
from services.booking.meeting_types.schemas import (
    MeetingTypeBody,
    MeetingTypePatch,
    patched,
    settings_of,
)
from services.booking.meeting_types.views import MeetingTypeView, view_type, view_types
from services.booking.page.views import view_page
from services.booking.web.organizer.desk import HOME, READ, Desk, desk_of, form_of
from services.booking.web.organizer.faults import Refused, faults_at
from services.booking.web.organizer.over_midnight import untold
from services.booking.web.organizer.rows import Fields
from services.booking.web.organizer.type_body import FAULT_RULES, body_of, number, tidied
from services.booking.web.organizer.type_fields import DAYS, fields_of_settings
from services.booking.web.organizer.type_form import (
    Difference,
    differences,
    pressed,
    type_form,
)
from services.chassis.events.streams import VersionMismatch
from services.chassis.ids import new_id
from services.chassis.web.form_faults import FieldFault

TYPES = f"{HOME}/types"
NEW = f"{TYPES}/new"
VERSION, NEW_ID = "version", "id"

routes = APIRouter(include_in_schema=False)


@routes.api_route(NEW, methods=READ)
async def show_new(request: Request) -> Response:
    desk = await desk_of(request)
    private = desk.visit.query.get("visibility") == "private"
    types = await desk.parts.transactions.read(lambda c: view_types(c, desk.organizer.id))
    proposed = _proposed(types) | ({"visibility": "private"} if private else {})
    return await _show_new(desk, desk.typed_before() or proposed)


@routes.post(NEW)
async def create(request: Request) -> Response:
    desk, typed = await form_of(request, NEW, form_at=NEW)
    if (changed := pressed(typed)) is not None:
        return await _show_new(desk, changed)
    fields, id_ = tidied(typed), id_of(typed.get(NEW_ID, ""), "meeting type")
    if over := untold(fields):
        return await _show_new(desk, fields, over, status=422)
    body = body_of(fields, desk.parts.settings.jitsi_url_template)
    try:
        settings = settings_of(MeetingTypeBody.model_validate(body))
        await desk.parts.transactions.write(
            lambda c: commands.create_type(c, id_, desk.organizer.id, settings)
        )
    except Refused as refused:
        return await _show_new(desk, fields, faults_at(refused, body, FAULT_RULES), status=422)
    return desk.see_other(TYPES, done="type.created", new=str(id_))


@routes.api_route(f"{TYPES}/{{type_id}}", methods=READ)
async def show(request: Request, type_id: str) -> Response:
    desk = await desk_of(request)
    view = await _view(desk, type_id)
    typed = desk.typed_before()
    return _show(desk, view, typed or fields_of_settings(view.meeting_type.settings), typed)


@routes.post(f"{TYPES}/{{type_id}}")
async def change(request: Request, type_id: str) -> Response:
    path = f"{TYPES}/{id_of(type_id, 'meeting type')}"
    desk, typed = await form_of(request, path, form_at=path)
    view = await _view(desk, type_id)
    if (changed := pressed(typed)) is not None:
        return _show(desk, view, changed, typed)
    fields, expected = tidied(typed), _version(typed)
    if over := untold(fields):
        return _show(desk, view, fields, typed, over, status=422)
    body = body_of(fields, desk.parts.settings.jitsi_url_template)
    try:
        patch = partial(patched, body=MeetingTypePatch.model_validate(body))
        await desk.parts.transactions.write(
            lambda c: commands.change_type(c, view.id, desk.organizer.id, patch, expected)
        )
    except Refused as refused:
        faults = faults_at(refused, body, FAULT_RULES)
        return _show(desk, view, fields, typed, faults, status=422)
    except VersionMismatch:
        return await _show_conflict(desk, type_id, fields)
    return desk.see_other(TYPES, done="type.saved", new=str(view.id))


async def _view(desk: Desk, type_id: str) -> MeetingTypeView:
    id_ = id_of(type_id, "meeting type")
    return await desk.parts.transactions.read(lambda c: view_type(c, id_, desk.organizer.id))


def _version(typed: Fields) -> int:
    """Return the version that the form was made of; without one, none that there is."""
    version = number(typed.get(VERSION, ""))
    return version if isinstance(version, int) else 0


def _proposed(types: Sequence[MeetingTypeView]) -> dict[str, str]:
    """Return the form of a type that is yet to be made: what most want, and an empty title.

    Its hours are those of the newest type: whoever has said when they can meet means it.
    """
    settings = Settings(
        title="", slug="", duration_minutes=30, increment_minutes=30, location=InPerson("")
    )
    fields = fields_of_settings(settings) | {"increment": ""}
    newest = types[-1].meeting_type.settings if types else settings
    if newest.hours != "custom":
        return fields
    hours = ("hours", *DAYS)
    others = {name: text for name, text in fields.items() if name.partition("-")[0] not in hours}
    of_newest = fields_of_settings(newest).items()
    return others | {name: text for name, text in of_newest if name.partition("-")[0] in hours}


async def _show_new(
    desk: Desk, fields: Fields, faults: list[FieldFault] | None = None, *, status: int = 200
) -> Response:
    owner = await desk.parts.transactions.read(lambda c: view_page(c, desk.organizer.id))
    content = type_form(
        desk,
        type_id="",
        action=NEW,
        back=desk.link(TYPES),
        zone=owner.page.profile.time_zone,
        fields=fields,
        hidden=[(NEW_ID, fields.get(NEW_ID) or str(new_id()))],
        faults=faults or (),
    )
    return desk.show(content, "types", status=status, here=NEW)


def _show(
    desk: Desk,
    view: MeetingTypeView,
    fields: Fields,
    typed: Fields | None = None,
    faults: list[FieldFault] | None = None,
    conflict: list[Difference] | None = None,
    *,
    status: int = 200,
) -> Response:
    """Return the form; `typed` is what was sent, with the version that it was made of."""
    path = f"{TYPES}/{view.id}"
    version = typed.get(VERSION, "") if typed else str(view.version)
    content = type_form(
        desk,
        type_id=str(view.id),
        action=path,
        back=desk.link(TYPES),
        zone=view.meeting_type.organizer_time_zone,
        fields=fields,
        hidden=[(VERSION, version)],
        faults=faults or (),
        differences=conflict or (),
    )
    return desk.show(content, "types", status=status, here=path)


async def _show_conflict(desk: Desk, type_id: str, fields: Fields) -> Response:
    """Show what was saved meanwhile beside what was typed; saving again takes what was typed."""
    view = await _view(desk, type_id)
    found = differences(tidied(fields_of_settings(view.meeting_type.settings)), fields)
    return _show(desk, view, fields, conflict=found, status=412)
