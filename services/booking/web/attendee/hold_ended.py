"""A time that is not held any more: why, and the way to it or to another one."""

from dataclasses import dataclass
from typing import ClassVar

from starlette.responses import Response

from services.booking.bookings.outcomes import TimeRefused
from services.booking.domain.refusals import SlotNotOffered, SlotTaken
from services.booking.free_times import Opening
from services.booking.parts import Parts
from services.booking.web.attendee.booking_visit import BookingVisit
from services.booking.web.attendee.draft import Draft
from services.booking.web.attendee.pick_content import TimeForm
from services.booking.web.attendee.time_refused import time_refused
from services.booking.web.responses import MINUTES, page
from services.chassis.http.instants import written


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldEndedPage:
    """The time is not held any more; `again` is the address of other times, if there is one.

    `form` holds the same time again, with what was typed.
    """

    TEMPLATE: ClassVar[str] = "over.html"

    when: str
    off: bool
    again: str | None
    form: TimeForm | None
    here: str
    kept_for: str


async def show_ended(
    parts: Parts, visited: BookingVisit, draft: Draft, status: int, *, is_rejected: bool
) -> Response:
    """Return the page, with what was typed; after a rejection it shows the nearest times."""
    if is_rejected and visited.way_back:
        return await _rejected(parts, visited, visited.way_back, draft, status)
    view = visited.view
    content = HoldEndedPage(
        when=visited.when,
        off=view.release_reason == "policy_disabled",
        again=visited.back_to_times,
        form=_hold_again(parts, visited, draft),
        here=visited.visit.link(visited.path),
        kept_for=str(visited.id),
    )
    return page(
        visited.visit,
        content,
        status=status,
        here=visited.path,
        frame_origins=visited.frame_origins,
    )


def _hold_again(parts: Parts, visited: BookingVisit, draft: Draft) -> TimeForm | None:
    """Return the form that holds the same time once more, if it can still be booked."""
    start = visited.view.slot.start
    if visited.way_back is None or start <= visited.view.at:
        return None
    kept = [("start", written(start)), *draft.fields]
    action = visited.visit.link(visited.way_back, **{MINUTES: visited.other_minutes})
    return TimeForm(action=action, key=parts.forms.fresh(), kept=kept)


async def _rejected(
    parts: Parts, visited: BookingVisit, way_back: str, draft: Draft, status: int
) -> Response:
    """Return the page for a time that availability rejected, with the nearest free times."""
    view = visited.view
    minutes = visited.other_minutes
    opening = Opening(
        meeting_type_id=visited.context.offering.id,
        link_token=parts.tokens.link(view.link_id) if view.link_id else None,
        duration_minutes=int(minutes) if minutes else None,
    )
    kept = {MINUTES: minutes}
    lost_to_another = "free" in view.rejected_for
    refusal = SlotTaken() if lost_to_another else SlotNotOffered(view.rejected_for)
    nearest = await parts.free_times.nearest(opening, view.slot.start)
    action = visited.visit.link(way_back, **kept)
    form = TimeForm(action=action, key=parts.forms.fresh(), kept=draft.fields)
    return time_refused(
        visited.visit,
        visited.clock,
        TimeRefused(refusal, nearest),
        view.slot.start,
        form=form,
        all_times=visited.visit.link(way_back, day=visited.day, **kept),
        here=visited.path,
        status=status,
        frame_origins=visited.frame_origins,
    )
