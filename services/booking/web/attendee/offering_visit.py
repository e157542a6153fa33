"""A visit to a meeting type's address: what is offered there, and what this browser holds."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from fastapi import Request

from services.booking.bookings.views import BookingView
from services.booking.domain.refusals import NotFound
from services.booking.free_times import Opening
from services.booking.parts import Parts
from services.booking.public.offerings import Offering
from services.booking.web.attendee.pick_content import Kept, LengthChoice, TimeForm
from services.booking.web.attendee.zone_choice import day_asked_for
from services.booking.web.forms import HOLD
from services.booking.web.responses import MINUTES, Visit
from services.chassis.web.clock import Clock


@dataclass(frozen=True, slots=True)
class OfferingVisit:
    """A visit to a meeting type's address, where a time of it can be chosen."""

    visit: Visit
    path: str
    offering: Offering
    link_id: UUID | None = None

    @property
    def minutes(self) -> int:
        """Return the chosen length; what is no choice here is the first one."""
        settings, asked = self.offering.settings, int(self.visit.minutes or 0)
        return asked if asked in settings.durations_minutes else settings.duration_minutes

    @property
    def other_minutes(self) -> int | None:
        """Return the chosen length where it is another than the first."""
        return None if self.minutes == self.offering.settings.duration_minutes else self.minutes

    @property
    def frame_origins(self) -> tuple[str, ...]:
        """Return who may show it in a frame; what only a private link opens, nobody."""
        return () if self.link_id else self.offering.settings.frame_origins

    @property
    def public_page(self) -> str | None:
        """Return the address of all meetings of the organizer, for whoever came from there."""
        return None if self.link_id else f"/with/{self.offering.profile.handle}"

    def lengths(self, clock: Clock) -> list[LengthChoice]:
        """Return the lengths to choose from; none where there is only one."""
        offered = self.offering.settings.durations_minutes
        if len(offered) == 1:
            return []
        asked = day_asked_for(self.visit)
        return [
            LengthChoice(
                self.visit.link(self.path, **asked, **{MINUTES: str(minutes)}),
                clock.duration(timedelta(minutes=minutes)),
                minutes == self.minutes,
            )
            for minutes in offered
        ]

    def is_held_here(self, held: BookingView) -> bool:
        """Tell whether the time is held of this meeting, by the same way to it."""
        return (held.meeting_type_id, held.link_id) == (self.offering.id, self.link_id)

    def has_the_length(self, held: BookingView) -> bool:
        """Tell whether the time that is held is as long as the one that is chosen."""
        return held.slot.end - held.slot.start == timedelta(minutes=self.minutes)


async def held_by(parts: Parts, request: Request) -> BookingView | None:
    """Return the booking that this browser holds a time with, while it does."""
    id_ = parts.tokens.read_manage(request.cookies.get(HOLD, ""))
    if id_ is not None:
        with suppress(NotFound):
            view = await parts.bookings.view(id_)
            return view if view.status == "held" else None
    return None


def opening_of(parts: Parts, visited: OfferingVisit, held: BookingView | None) -> Opening:
    """Return what opens the times; what the visitor holds of the meeting counts as free to them."""
    if held and not visited.is_held_here(held):
        held = None
    return Opening(
        meeting_type_id=visited.offering.id,
        link_token=parts.tokens.link(visited.link_id) if visited.link_id else None,
        manage_token=parts.tokens.manage(held.id) if held else None,
        rescheduling=held.id if held else None,
        duration_minutes=visited.other_minutes,
    )


def time_form(parts: Parts, visited: OfferingVisit, kept: Kept = ()) -> TimeForm:
    """Return the form that sends a time, with what it keeps."""
    return TimeForm(action=visited.visit.link(visited.path), key=parts.forms.fresh(), kept=kept)
