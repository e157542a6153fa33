"""What the pages of one booking share: the booking, its background, its visitor's clock."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Request

from services.booking.bookable import Background, behind_booking
from services.booking.domain import booking, meeting_type
from services.booking.domain.refusals import NotFound
from services.booking.domain.slot import Notice, last_change
from services.booking.http.parts import Parts, id_of
from services.booking.seeing import View
from services.booking.web.attendee.answers import Visit, visit_of
from services.booking.web.attendee.forms import MANAGE
from services.booking.web.attendee.meeting import Told, told
from services.chassis.web.clock import Clock


@dataclass(frozen=True, slots=True)
class Scene:
    """A booking as its attendee comes to it."""

    id: UUID
    visit: Visit
    view: View
    background: Background
    clock: Clock

    @property
    def path(self) -> str:
        """Return the booking's address; the browser holds what opens it."""
        return f"/m/booking/{self.id}"

    @property
    def when(self) -> str:
        """Return the booking's time in words."""
        return self.clock.when(self.view.body["start"], self.view.body["end"])

    @property
    def notice(self) -> Notice:
        """Return what binds the attendee."""
        return meeting_type.notice(self.background.offered.settings)

    @property
    def last_change(self) -> datetime:
        """Return the last moment at which the attendee may change the booking."""
        assert isinstance(self.view.state, booking.Held | booking.Confirmed | booking.Cancelled)
        return last_change(self.view.state.slot, self.notice)

    @property
    def is_too_late(self) -> bool:
        """Whether the attendee may not change the booking any more."""
        return self.view.at > self.last_change or self.view.at >= self.view.body["start"]

    @property
    def way_back(self) -> str | None:
        """Return where another time of the same meeting can be chosen, if anywhere."""
        offered = self.background.offered
        if not self.background.reachable:
            return None
        if offered.settings.visibility == "public":
            return f"/with/{offered.profile.handle}/{offered.settings.slug}"
        return f"/p/link/{self.view.body['link_id']}"

    def told(self, *, booked: bool) -> Told:
        """Return what was agreed, or what is about to be."""
        language, offered = self.visit.reader.language, self.background.offered
        match self.view.state:
            case booking.Confirmed(meeting=meeting) | booking.Cancelled(meeting=meeting):
                return told(
                    language,
                    title=meeting.terms.title,
                    organizer=meeting.terms.organizer.display_name,
                    location=meeting.terms.location,
                    booked=booked,
                    join_url=meeting.terms.join_url,
                )
            case _:
                return told(
                    language,
                    title=offered.settings.title,
                    organizer=offered.profile.display_name,
                    location=offered.settings.location,
                )

    def facts(self, *, booked: bool) -> dict[str, Any]:
        """Return what every page of the booking says."""
        return {
            "meeting": self.told(booked=booked),
            "when": self.when,
            "zone": self.clock.zone_at(self.view.body["start"]),
        }

    async def again(self, parts: Parts) -> "Scene":
        """Return the scene as it is now."""
        return replace(self, view=await parts.see(self.id))


async def scene_of(parts: Parts, request: Request, booking_id: str) -> Scene:
    """Return the booking to the browser that holds its token; to any other it is not there."""
    id_ = id_of(booking_id, "booking")
    if parts.tokens.read_manage(request.cookies.get(MANAGE, "")) != id_:
        raise NotFound("booking")
    view = await parts.see(id_)
    body = view.body
    background = await parts.read(
        lambda c: behind_booking(c, body["organizer_id"], body["meeting_type_id"], body["link_id"])
    )
    visit, profile = visit_of(request), background.offered.profile
    attendee = body["attendee"]
    zone = attendee["time_zone"] if attendee else profile.time_zone
    clock = visit.clock(
        profile.time_zone if profile.time_zone_locked else zone, locked=profile.time_zone_locked
    )
    return Scene(id_, visit, view, background, clock)
