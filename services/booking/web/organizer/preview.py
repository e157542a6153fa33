"""A meeting type as its attendees see it, whether or not it can be booked yet."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.callers import id_of
from services.booking.domain import page
from services.booking.free_times import Opening
from services.booking.meeting_types.views import view_type
from services.booking.public.offerings import Offering
from services.booking.web.attendee.meeting import meeting_words
from services.booking.web.attendee.offering_visit import OfferingVisit
from services.booking.web.attendee.pick import pick_page, pick_time
from services.booking.web.attendee.pick_content import PickPage, TimeForm
from services.booking.web.attendee.why_empty import Rules
from services.booking.web.organizer.desk import HOME, READ, desk_of
from services.booking.web.organizer.profile_form import own_page
from services.chassis.web.zones import zone_of

TYPES = f"{HOME}/types"

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewPage(PickPage):
    """The attendee's page with a line above it, whose phrase has the key `note`."""

    TEMPLATE: ClassVar[str] = "organizer/preview.html"

    back: str
    note: str


@routes.api_route(f"{TYPES}/{{type_id}}/preview", methods=READ)
async def show(request: Request, type_id: str) -> Response:
    desk, id_ = await desk_of(request), id_of(type_id, "meeting type")
    path = f"{TYPES}/{id_}/preview"
    view = await desk.parts.transactions.read(lambda c: view_type(c, id_, desk.organizer.id))
    owner = (await own_page(desk)).page
    settings, profile = view.meeting_type.settings, owner.profile
    visited = OfferingVisit(desk.visit, path, Offering(id_, settings, profile))
    clock = desk.visit.clock(profile.time_zone, locked=profile.time_zone_locked)
    offered = page.is_open(owner) and settings.enabled
    as_attendee = offered and settings.visibility == "public"
    # Times that attendees cannot ask for are asked for in the organizer's own name.
    token = None if as_attendee else desk.parts.tokens.organizer(desk.organizer.id)
    opening = Opening(
        meeting_type_id=id_, organizer_token=token, duration_minutes=visited.other_minutes
    )
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
            more_locations=settings.more_locations,
            description=settings.description,
        ),
        length=timedelta(minutes=visited.minutes),
        lengths=visited.lengths(clock),
        form=TimeForm(action=path, key=None),  # a time that is chosen here books nothing
        rules=Rules(settings, zone_of(profile.time_zone), datetime.now(UTC)),
        zone_locked=profile.time_zone_locked,
    )
    content = PreviewPage(
        **{each.name: getattr(picking, each.name) for each in fields(picking)},
        back=desk.link(f"{TYPES}/{id_}"),
        note="organizer.preview.note" if offered else "organizer.preview.not_offered",
    )
    return desk.show(content, "types")
