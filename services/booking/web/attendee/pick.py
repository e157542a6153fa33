"""Picking a time: the calendar with what availability offers."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from services.booking.domain import meeting_type
from services.booking.free_times import Opening
from services.booking.parts import Parts
from services.booking.web.attendee import picker
from services.booking.web.attendee.meeting import MeetingWords
from services.booking.web.attendee.pick_content import (
    DayCell,
    HeldTime,
    LengthChoice,
    MovedMeeting,
    NothingFree,
    PickPage,
    TextLink,
    TimeButton,
    TimeForm,
    TimeGroup,
)
from services.booking.web.attendee.picker import Picker
from services.booking.web.attendee.why_empty import Rules
from services.booking.web.attendee.zone_choice import ZoneChoice, day_asked_for, zone_choice
from services.booking.web.responses import Visit
from services.chassis.http.instants import written
from services.chassis.web.clock import Clock


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
    slots, free_day = await _month(parts, clock, opening, month, now)
    if asked.month is None and slots == [] and free_day:
        month = picker.first_of(free_day)
        slots, free_day = await _month(parts, clock, opening, month, now)
    return picker.pick(
        clock, asked, month, slots, next_free_day=free_day, earliest=now, latest=latest
    )


async def _month(
    parts: Parts, clock: Clock, opening: Opening, month: date, now: datetime
) -> tuple[list[picker.Times] | None, date | None]:
    """Return the month's free times and the next free day; None without an answer."""
    today = now.astimezone(clock.zone).date()
    first, last = picker.period(month, today, clock.reader.week_start)
    found = await parts.free_times.between(
        opening,
        first.isoformat(),
        (last + timedelta(days=1)).isoformat(),
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
    rules: Rules,
    zone_locked: bool,
    lengths: Sequence[LengthChoice] = (),
    organizers_page: str | None = None,
    own_url: str | None = None,
    held: HeldTime | None = None,
    moving: MovedMeeting | None = None,
    chosen: datetime | None = None,
) -> PickPage:
    """Return the page for the picker."""
    return PickPage(
        meeting=meeting,
        duration=clock.duration(length),
        lengths=lengths,
        organizers_page=organizers_page,
        own_url=own_url,
        picker=shown,
        path=path,
        again=visit.link(path, **day_asked_for(visit)),
        month_words=_period_in_words(clock, shown),
        weekdays=[visit.reader.formats.weekdays[number] for number in shown.weekdays],
        weeks=_weeks(visit, clock, shown, path),
        previous_month=_month_link(visit, clock, path, shown, shown.previous_month),
        next_month=_month_link(visit, clock, path, shown, shown.next_month),
        go_on=_day_link(visit, clock, path, shown, shown.next_free_day),
        day_words=clock.day_near(shown.day, shown.today) if shown.day else "",
        groups=_groups(shown),
        goes_on=_day_link(visit, clock, path, shown, shown.goes_on),
        nothing=_nothing_free(clock, shown, rules),
        zone=_zone(visit, clock, shown, path, rules, locked=zone_locked, moving=moving),
        form=form,
        held=held,
        moving=moving,
        chosen=TimeButton(start=written(chosen), label=clock.moment(chosen)) if chosen else None,
    )


def _zone(
    visit: Visit,
    clock: Clock,
    shown: Picker,
    path: str,
    rules: Rules,
    *,
    locked: bool,
    moving: MovedMeeting | None,
) -> ZoneChoice:
    return zone_choice(
        visit,
        clock,
        shown,
        path=path,
        organizers=rules.organizers.key,
        locked=locked,
        detects=not locked and moving is None,
    )


def _period_in_words(clock: Clock, shown: Picker) -> str:
    if shown.is_month:
        return clock.month_near(shown.month, shown.today)
    return clock.days(shown.today, shown.last)


def _groups(shown: Picker) -> list[TimeGroup]:
    """Return the times by part of the day: what midnight splits does not look like one row."""
    return [
        TimeGroup(
            f"pick.part.{part}", [TimeButton(start=written(t.start), label=t.label) for t in times]
        )
        for part, times in groupby(shown.times, key=lambda time: time.part)
    ]


def _nothing_free(clock: Clock, shown: Picker, rules: Rules) -> NothingFree | None:
    """Return why the month, or else the chosen day, has no free time."""
    if not shown.known or shown.times:
        return None
    if shown.is_empty:
        every = [day.date for week in shown.weeks for day in week if day]
        reason, place = rules.why_all(every, clock.zone), "month"
    elif shown.day:
        reason, place = rules.why(shown.day, clock.zone), "day"
    else:
        return None
    moments = {"too_soon": rules.first, "too_far": rules.last}
    moment = clock.moment(moments[reason]) if reason in moments else ""
    return NothingFree(f"pick.{place}_empty.{reason}", moment)


def _month_link(
    visit: Visit, clock: Clock, path: str, shown: Picker, month: date | None
) -> TextLink | None:
    if month is None:
        return None
    words = clock.month_near(month, shown.today)
    return TextLink(visit.link(path, month=f"{month:%Y-%m}"), words)


def _day_link(
    visit: Visit, clock: Clock, path: str, shown: Picker, day: date | None
) -> TextLink | None:
    if day is None:
        return None
    return TextLink(visit.link(path, day=day.isoformat()), clock.day_near(day, shown.today))


def _weeks(
    visit: Visit, clock: Clock, shown: Picker, path: str
) -> Sequence[Sequence[DayCell | None]]:
    # The weeks across the end of a month stay while a day of them is looked at.
    here = visit.link(path, month=None if shown.is_month else f"{shown.month:%Y-%m}")
    return [
        [_day(clock, shown, day, here) if day else None for day in week] for week in shown.weeks
    ]


def _day(clock: Clock, shown: Picker, day: picker.Day, here: str) -> DayCell:
    key = {0: "pick.day.none", 1: "pick.day.one"}.get(day.free, "pick.day.many")
    words = clock.day_near(day.date, shown.today)
    begins = day.date.day == 1 and not shown.is_month
    return DayCell(
        number=day.date.day,
        month=clock.reader.formats.short_month(day.date) if begins else "",
        free=day.free,
        chosen=day.chosen,
        today=day.today,
        words=clock.reader.language.say(key, day=words, count=str(day.free)),
        href=f"{here}{'&' if '?' in here else '?'}day={day.date.isoformat()}#times",
    )
