"""The page for a time that cannot be booked: why, and the nearest ones that can."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import ClassVar

from starlette.responses import Response

from services.booking.bookings.outcomes import TimeRefused
from services.booking.domain.refusals import Refusal, SlotNotOffered, SlotTaken
from services.booking.web.attendee.pick_content import TimeButton, TimeForm
from services.booking.web.responses import Visit, page
from services.chassis.http.instants import written
from services.chassis.web.clock import Clock


@dataclass(frozen=True, slots=True)
class NearestDay:
    """The nearest times that are on one day."""

    day: str
    times: Sequence[TimeButton]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRefusedPage:
    """The time cannot be booked; the nearest ones that can, and the address of all."""

    TEMPLATE: ClassVar[str] = "taken.html"

    why: str
    reasons: Sequence[str]
    when: str
    zone: str
    nearest: Sequence[NearestDay]
    form: TimeForm
    all_times: str
    here: str


def time_refused(
    visit: Visit,
    clock: Clock,
    refused: TimeRefused,
    start: datetime,
    *,
    form: TimeForm,
    all_times: str,
    here: str,
    status: int = 409,
    frame_origins: Sequence[str] = (),
) -> Response:
    """Return the page for a time that cannot be booked, with the nearest ones that can.

    `all_times` is where every time is shown, `here` the address of the page.
    """
    starts = [slot.start for slot in refused.nearest if slot.start != start]
    today = datetime.now(UTC).astimezone(clock.zone).date()
    content = TimeRefusedPage(
        why="taken" if isinstance(refused.refusal, SlotTaken) else "not_offered",
        reasons=reasons_in_words(visit, refused.refusal),
        when=clock.moment(start),
        zone=clock.zone_at(start),
        nearest=[
            NearestDay(
                clock.day_near(day, today),
                [TimeButton(start=written(each), label=clock.time(each)) for each in times],
            )
            for day, times in groupby(starts, key=lambda each: each.astimezone(clock.zone).date())
        ],
        form=form,
        all_times=all_times,
        here=visit.link(here),
    )
    return page(visit, content, status=status, here=here, frame_origins=frame_origins)


def reasons_in_words(visit: Visit, refusal: Refusal) -> Sequence[str]:
    """Return the keys of the rules against the time, as far as a visitor is told of them."""
    rules = refusal.reasons if isinstance(refusal, SlotNotOffered) else ()
    keys = [f"not_offered.{rule}" for rule in rules]
    return [key for key in keys if key in visit.reader.language.phrases]
