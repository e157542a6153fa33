"""The API of visitors: what an attendee may see without an account."""

from uuid import UUID

from fastapi import APIRouter, Request

from contracts.capabilities import PRIVATE_LINK
from services.booking.bookable import Bookable, behind_link, on_page, one_type
from services.booking.domain.page import Profile
from services.booking.domain.refusals import NotFound
from services.booking.http.answers import PublicOrganizer, PublicPage, PublicType
from services.booking.http.documentation import LINK_TOKEN
from services.booking.http.parts import Parts, id_of
from services.booking.translate import location_told


def router(parts: Parts) -> APIRouter:
    """Return the routes without an account."""
    routes = APIRouter(prefix="/api/booking/v1/public", tags=["attendee"])

    @routes.get("/pages/{handle}")
    async def show_page(handle: str) -> PublicPage:
        owner, types = await parts.read(lambda c: on_page(c, handle))
        return PublicPage(
            organizer=_organizer(owner, owner.handle),
            meeting_types=[_public(each) for each in types],
        )

    @routes.get("/meeting-types/{type_id}", dependencies=[LINK_TOKEN])
    async def show_type(request: Request, type_id: str) -> PublicType:
        id_ = id_of(type_id, "meeting type")
        token = request.headers.get(PRIVATE_LINK.header)
        if token is None:
            return _public(await parts.read(lambda c: one_type(c, id_)))
        link_id = _link(parts, token)
        offered = await parts.read(lambda c: behind_link(c, link_id))
        if offered.id != id_:
            raise NotFound("meeting type")
        return _public(offered)

    @routes.get("/links/{token}")
    async def show_link(token: str) -> PublicType:
        link_id = _link(parts, token)
        return _public(await parts.read(lambda c: behind_link(c, link_id)))

    return routes


def _link(parts: Parts, token: str) -> UUID:
    link_id = parts.link_of(token)
    assert link_id is not None
    return link_id


def _public(offered: Bookable) -> PublicType:
    settings = offered.settings
    public = settings.visibility == "public"
    return PublicType(
        id=offered.id,
        title=settings.title,
        slug=settings.slug if public else None,
        description=settings.description,
        duration_minutes=settings.duration_minutes,
        location=location_told(settings.location, booked=False).model_dump(),
        organizer=_organizer(offered.profile, offered.profile.handle if public else None),
    )


def _organizer(profile: Profile, handle: str | None) -> PublicOrganizer:
    return PublicOrganizer(
        display_name=profile.display_name,
        time_zone=profile.time_zone,
        time_zone_locked=profile.time_zone_locked,
        locale=profile.locale,
        handle=handle,
    )
