"""A meeting type as its attendees see it, whether or not it can be booked yet."""

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.callers import id_of
from services.booking.domain import page
from services.booking.free_times import Opening
from services.booking.meeting_types.views import MeetingTypeView, view_type
from services.booking.page.views import view_page
from services.booking.private_links.records import newest_link_rows
from services.booking.private_links.views import view_links
from services.booking.web.attendee.meeting import meeting_words
from services.booking.web.attendee.pick import PickPage, TimeForm, pick_page, pick_time
from services.booking.web.organizer.desk import HOME, READ, Desk, desk_of
from services.chassis.postgres.database import Connection

TYPES = f"{HOME}/types"
MOST_LOOKED_AT = 20

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewPage(PickPage):
    """The attendee's page with a line above it; `note` is the key of why no times are shown."""

    TEMPLATE: ClassVar[str] = "organizer/preview.html"

    back: str
    note: str


@routes.api_route(f"{TYPES}/{{type_id}}/preview", methods=READ)
async def show(request: Request, type_id: str) -> Response:
    desk, id_ = await desk_of(request), id_of(type_id, "meeting type")
    path = f"{TYPES}/{id_}/preview"
    view = await desk.parts.transactions.read(lambda c: view_type(c, id_, desk.organizer.id))
    owner = (await desk.parts.transactions.read(lambda c: view_page(c, desk.organizer.id))).page
    settings, profile = view.meeting_type.settings, owner.profile
    clock = desk.visit.clock(profile.time_zone, locked=profile.time_zone_locked)
    token = await desk.parts.transactions.read(lambda c: _some_link(c, desk, view))
    opening = Opening(meeting_type_id=id_, link_token=token)
    shown = await pick_time(desk.parts, desk.visit, clock, opening, settings)
    picking = pick_page(
        desk.visit,
        clock,
        shown,
        path=path,
        meeting=meeting_words(
            desk.visit.reader.language,
            title=settings.title,
            organizer=profile.display_name,
            location=settings.location,
            description=settings.description,
        ),
        length=timedelta(minutes=settings.duration_minutes),
        form=TimeForm(action=path, key=None),  # a time that is chosen here books nothing
        organizer_zone=profile.time_zone,
        zone_locked=profile.time_zone_locked,
    )
    content = PreviewPage(
        **{each.name: getattr(picking, each.name) for each in fields(picking)},
        back=desk.link(f"{TYPES}/{id_}"),
        note="organizer.preview.note" if shown.known else _why_unknown(owner, view, token),
    )
    return desk.show(content, "types")


async def _some_link(connection: Connection, desk: Desk, view: MeetingTypeView) -> str | None:
    """Return the token of a link that opens the private type's times, if there is one."""
    if view.meeting_type.settings.visibility == "public":
        return None
    rows = await newest_link_rows(connection, view.id, limit=MOST_LOOKED_AT)
    living = [each for each in await view_links(connection, rows) if each.state == "active"]
    return desk.parts.tokens.link(living[0].id) if living else None


def _why_unknown(owner: page.Page, view: MeetingTypeView, token: str | None) -> str:
    settings = view.meeting_type.settings
    if not page.is_open(owner):
        return "organizer.preview.closed"
    if not settings.enabled:
        return "organizer.preview.off"
    if settings.visibility == "private" and token is None:
        return "organizer.preview.no_link"
    return "organizer.preview.unknown"
