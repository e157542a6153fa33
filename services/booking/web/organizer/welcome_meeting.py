"""The steps of the first visit that are about meetings: the first type, and sharing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.callers import id_of
from services.booking.domain import page
from services.booking.meeting_types.commands import change_type
from services.booking.meeting_types.schemas import MeetingTypePatch, patched
from services.booking.meeting_types.views import MeetingTypeView, view_types
from services.booking.page.commands import change_page
from services.booking.private_links.commands import issue_link
from services.booking.private_links.schemas import LinkBody, details_of, limits_of
from services.booking.web.attendee.meeting import initials, where
from services.booking.web.organizer.desk import HOME, READ, Desk, desk_of, form_of
from services.booking.web.organizer.faults import FieldFault, Refused, by_field, faults_at
from services.booking.web.organizer.profile_form import own_page
from services.booking.web.organizer.rows import Fields, Row, rearranged, rows_of
from services.booking.web.organizer.type_body import FAULT_RULES, body_of, tidied
from services.booking.web.organizer.type_fields import NEW_ROWS, fields_of_settings
from services.booking.web.organizer.welcome import STEPS, next_step, previous_step, step_path
from services.chassis.ids import new_id

MADE, NEW_TYPE = "link", f"{HOME}/types/new"
STEP = "type"
# What the step asks for, of all fields of a type.
OF_TYPE = ("title", "durations_minutes", "increment_minutes", "visibility", "locations")

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingStepPage:
    """A step about the first type."""

    TEMPLATE: ClassVar[str] = "organizer/welcome_meeting.html"

    name: str
    step: int
    steps: Sequence[str]
    action: str
    form_key: str
    back: str | None
    fields: Fields
    faults: Sequence[FieldFault]
    wrong: dict[str, str]
    places: Sequence[Row]


@dataclass(frozen=True, slots=True)
class ShownType:
    """A type as others see it on the page."""

    title: str
    durations: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SharePage:
    """The last step: open the page; then its address, or the private link, to hand on."""

    TEMPLATE: ClassVar[str] = "organizer/welcome_share.html"

    step: int
    steps: Sequence[str]
    action: str
    form_key: str
    back: str | None
    home: str
    organizer: str
    initials: str
    title: str
    shown: Sequence[ShownType]
    private: bool
    published: bool
    denied: bool
    url: str
    link_url: str
    minted: str


@routes.api_route(step_path(STEP), methods=READ)
async def show_type(request: Request) -> Response:
    desk = await desk_of(request)
    types = await _types(desk)
    if not types:
        return desk.see_other(NEW_TYPE)
    saved = fields_of_settings(types[-1].meeting_type.settings)
    return _show(desk, desk.typed_before() or saved)


@routes.post(step_path(STEP))
async def save_type(request: Request) -> Response:
    desk, typed = await form_of(request, step_path(STEP), form_at=step_path(STEP))
    types = await _types(desk)
    if not types:
        return desk.see_other(NEW_TYPE)
    if (changed := rearranged(typed, NEW_ROWS)) is not None:
        return _show(desk, changed)
    fields = tidied(typed)
    whole = body_of(fields, desk.parts.settings.jitsi_url_template)
    body = {field: value for field, value in whole.items() if field in OF_TYPE}
    try:
        patch = partial(patched, body=MeetingTypePatch.model_validate(body))
        await desk.parts.transactions.write(
            lambda c: change_type(c, types[-1].id, desk.organizer.id, patch, None)
        )
    except Refused as refused:
        return _show(desk, fields, faults_at(refused, body, FAULT_RULES))
    return desk.see_other(next_step(STEP))


@routes.api_route(step_path("share"), methods=READ)
async def show_share(request: Request) -> Response:
    desk = await desk_of(request)
    view, types = await own_page(desk), await _types(desk)
    if not types:
        return desk.see_other(NEW_TYPE)
    settings, profile = types[-1].meeting_type.settings, view.page.profile
    made, minted = desk.visit.query.get(MADE, ""), new_id()
    public_url, private = desk.parts.settings.public_url, settings.visibility == "private"
    content = SharePage(
        step=len(STEPS),
        steps=STEPS,
        action=step_path("share"),
        form_key=desk.key(step_path("share")),
        back=previous_step("share"),
        home=desk.link(HOME),
        organizer=profile.display_name,
        initials=initials(profile.display_name),
        title=settings.title,
        shown=[
            _shown(desk, each, profile.display_name)
            for each in (types[-1:] if private else types)
            if private or _is_public(each)
        ],
        private=private,
        published=view.page.published,
        denied=view.denied_by is not None,
        url=f"{public_url}/with/{profile.handle}",
        link_url=desk.parts.tokens.link_url(id_of(made, "link")) if made else "",
        minted=str(minted),
    )
    return desk.show(content, "overview")


def _is_public(view: MeetingTypeView) -> bool:
    settings = view.meeting_type.settings
    return settings.enabled and settings.visibility == "public"


def _shown(desk: Desk, view: MeetingTypeView, organizer: str) -> ShownType:
    settings, clock = view.meeting_type.settings, desk.visit.clock("UTC")
    lengths = [clock.duration(timedelta(minutes=each)) for each in settings.durations_minutes]
    place = where(desk.visit.reader.language, settings.location, organizer, booked=False)
    return ShownType(settings.title, " / ".join(lengths), place)


@routes.post(step_path("share"))
async def share(request: Request) -> Response:
    """Open the page; a private type gets its first link, for one use."""
    path = step_path("share")
    desk, fields = await form_of(request, path, form_at=path)
    await desk.parts.transactions.write(
        lambda c: change_page(c, desk.organizer.id, page.PublishPage())
    )
    types = await _types(desk)
    if not types or types[-1].meeting_type.settings.visibility == "public":
        return desk.see_other(path)
    link_id = id_of(fields.get("id", ""), "link")
    await _issue(desk, types[-1].id, link_id)
    return desk.see_other(path, link=str(link_id))


async def _issue(desk: Desk, type_id: UUID, link_id: UUID) -> None:
    asked, settings = LinkBody(max_uses=1), desk.parts.settings
    limits = partial(limits_of, asked, settings.link_default_days)
    details, minimum = details_of(asked), settings.link_minimum_seconds
    await desk.parts.transactions.write(
        lambda c: issue_link(c, link_id, desk.organizer.id, type_id, limits, details, minimum)
    )


async def _types(desk: Desk) -> Sequence[MeetingTypeView]:
    """Return the organizer's types; the last one is the one that the steps are about.

    None are left to who has deleted them and comes back to a step.
    """
    return await desk.parts.transactions.read(lambda c: view_types(c, desk.organizer.id))


def _show(desk: Desk, fields: Fields, faults: Sequence[FieldFault] = ()) -> Response:
    content = MeetingStepPage(
        name=STEP,
        step=STEPS.index(STEP) + 1,
        steps=STEPS,
        action=step_path(STEP),
        form_key=desk.key(step_path(STEP)),
        back=previous_step(STEP),
        fields=fields,
        faults=faults,
        wrong=dict(by_field(faults)),
        places=rows_of(fields, "place"),
    )
    return desk.show(content, "overview", status=422 if faults else 200, here=step_path(STEP))
