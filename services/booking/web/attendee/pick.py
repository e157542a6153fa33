"""Picking a time: the calendar with what availability offers, and what to do without a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar

from starlette.responses import Response

from services.booking.bookings.outcomes import TimeRefused
from services.booking.domain import meeting_type
from services.booking.domain.refusals import Refusal, SlotNotOffered, SlotTaken
from services.booking.free_times import Opening
from services.booking.parts import Parts
from services.booking.web.attendee import picker
from services.booking.web.attendee.meeting import MeetingWords
from services.booking.web.attendee.picker import Picker
from services.booking.web.attendee.zone_choice import ZoneChoice, day_asked_for, zone_choice
from services.booking.web.responses import Visit, page
from services.chassis.http.instants import written
from services.chassis.web.clock import Clock

# The hidden fields of a form: names and values.
Kept = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class TextLink:
    """A link with its text."""

    href: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCell:
    """A day of the calendar as the page shows it; `free` is how many times it has."""

    number: int
    free: int
    chosen: bool
    today: bool
    words: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeButton:
    """A time to pick."""

    start: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldTime:
    """The time that this browser holds already, and where to go on with it."""

    when: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedMeeting:
    """When the meeting that is moved takes place so far, and the way back to it."""

    when: str
    back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeForm:
    """The form that sends the chosen time; without a key it only asks for another page."""

    action: str
    key: str | None
    kept: Kept = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PickPage:
    """A month with its free days, and the free times of one day."""

    TEMPLATE: ClassVar[str] = "pick.html"

    meeting: MeetingWords
    duration: str
    picker: Picker
    path: str
    again: str
    month_words: str
    weekdays: Sequence[str]
    weeks: Sequence[Sequence[DayCell | None]]
    previous_month: TextLink | None
    next_month: TextLink | None
    go_on: TextLink | None
    day_words: str
    times: Sequence[TimeButton]
    zone: ZoneChoice
    form: TimeForm
    held: HeldTime | None = None
    moving: MovedMeeting | None = None
    chosen: TimeButton | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRefusedPage:
    """The time cannot be booked; the nearest ones that can, and the address of all."""

    TEMPLATE: ClassVar[str] = "taken.html"

    why: str
    reasons: Sequence[str]
    when: str
    zone: str
    nearest: Sequence[tuple[str, str]]
    form: TimeForm
    all_times: str
    here: str


async def pick_time(
    parts: Parts,
    visit: Visit,
    clock: Clock,
    opening: Opening,
    settings: meeting_type.Settings,
    *,
    near: datetime | None = None,
) -> Picker:
    """Return the picker for what the address asks; without a month it is the first free one.

    `near` is the time whose month is shown first, if it has a free time.
    """
    asked = picker.asked_for(**day_asked_for(visit), zone=clock.zone)
    now = datetime.now(UTC)
    latest = now + timedelta(minutes=settings.max_lead_minutes)
    first = picker.first_of(near.astimezone(clock.zone).date()) if near else None
    month = picker.within(picker.Asked(asked.month or first), now, latest, clock)
    slots, free_day = await _month(parts, clock, opening, month)
    if asked.month is None and slots == [] and free_day:
        month = picker.first_of(free_day)
        slots, free_day = await _month(parts, clock, opening, month)
    return picker.pick(
        clock, asked, month, slots, next_free_day=free_day, earliest=now, latest=latest
    )


async def _month(
    parts: Parts, clock: Clock, opening: Opening, month: date
) -> tuple[list[picker.Times] | None, date | None]:
    """Return the month's free times and the next free day; None without an answer."""
    found = await parts.free_times.between(
        opening,
        month.isoformat(),
        picker.following(month).isoformat(),
        time_zone=clock.zone.key,
    )
    if not found.known:
        return None, None
    return [(each, each + found.length) for each in found.starts], found.next_free_day


def pick_page(
    visit: Visit,
    clock: Clock,
    shown: Picker,
    *,
    path: str,
    meeting: MeetingWords,
    length: timedelta,
    form: TimeForm,
    organizer_zone: str,
    zone_locked: bool,
    held: HeldTime | None = None,
    moving: MovedMeeting | None = None,
    chosen: datetime | None = None,
) -> PickPage:
    """Return the page for the picker."""
    return PickPage(
        meeting=meeting,
        duration=clock.duration(length),
        picker=shown,
        path=path,
        again=visit.link(path, **day_asked_for(visit)),
        month_words=clock.month(shown.month),
        weekdays=[visit.reader.formats.weekdays[number] for number in shown.weekdays],
        weeks=_weeks(visit, clock, shown, visit.link(path)),
        previous_month=_month_link(visit, clock, path, shown.previous_month),
        next_month=_month_link(visit, clock, path, shown.next_month),
        go_on=_day_link(visit, clock, path, shown.next_free_day),
        day_words=clock.day(shown.day) if shown.day else "",
        times=[TimeButton(start=written(each.start), label=each.label) for each in shown.times],
        zone=zone_choice(
            visit,
            clock,
            shown,
            path=path,
            organizers=organizer_zone,
            locked=zone_locked,
            detects=not zone_locked and moving is None,
        ),
        form=form,
        held=held,
        moving=moving,
        chosen=TimeButton(start=written(chosen), label=clock.moment(chosen)) if chosen else None,
    )


def _month_link(visit: Visit, clock: Clock, path: str, month: date | None) -> TextLink | None:
    if month is None:
        return None
    return TextLink(visit.link(path, month=f"{month:%Y-%m}"), clock.month(month))


def _day_link(visit: Visit, clock: Clock, path: str, day: date | None) -> TextLink | None:
    return TextLink(visit.link(path, day=day.isoformat()), clock.day(day)) if day else None


def _weeks(
    visit: Visit, clock: Clock, shown: Picker, here: str
) -> Sequence[Sequence[DayCell | None]]:
    return [
        [_day(visit, clock, day, here) if day else None for day in week] for week in shown.weeks
    ]


def _day(visit: Visit, clock: Clock, day: picker.Day, here: str) -> DayCell:
    key = {0: "pick.day.none", 1: "pick.day.one"}.get(day.free, "pick.day.many")
    return DayCell(
        number=day.date.day,
        free=day.free,
        chosen=day.chosen,
        today=day.today,
        words=visit.reader.language.say(key, day=clock.day(day.date), count=str(day.free)),
        href=f"{here}{'&' if '?' in here else '?'}day={day.date.isoformat()}#times",
    )


def kept_fields(**values: str | None) -> Kept:
    """Return the values that there are, as hidden fields of a form."""
    return [(name, value) for name, value in values.items() if value]


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
) -> Response:
    """Return the page for a time that cannot be booked, with the nearest ones that can.

    `all_times` is where every time is shown, `here` the address of the page.
    """
    starts = [slot.start for slot in refused.nearest if slot.start != start]
    content = TimeRefusedPage(
        why="taken" if isinstance(refused.refusal, SlotTaken) else "not_offered",
        reasons=reasons_in_words(visit, refused.refusal),
        when=clock.moment(start),
        zone=clock.zone_at(start),
        nearest=[(written(each), clock.moment(each)) for each in starts],
        form=form,
        all_times=all_times,
        here=visit.link(here),
    )
    return page(visit, content, status=status, here=here)


def reasons_in_words(visit: Visit, refusal: Refusal) -> Sequence[str]:
    """Return the keys of the rules against the time, as far as a visitor is told of them."""
    rules = refusal.reasons if isinstance(refusal, SlotNotOffered) else ()
    keys = [f"not_offered.{rule}" for rule in rules]
    return [key for key in keys if key in visit.reader.language.phrases]
