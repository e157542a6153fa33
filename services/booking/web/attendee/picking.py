"""Picking a time: the calendar with what availability offers, and what to do without a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from starlette.responses import Response

from services.booking.domain import meeting_type
from services.booking.domain.refusals import Refusal, SlotTaken
from services.booking.http.parts import Parts
from services.booking.web.attendee import picker
from services.booking.web.attendee.answers import Visit, page
from services.booking.web.attendee.forms import written
from services.booking.web.attendee.meeting import Told
from services.booking.web.attendee.picker import Picker
from services.chassis.web.clock import Clock
from services.chassis.web.zones import zones_by_region

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """For whom times are sought: a meeting type with what opens it, or a booking to move."""

    meeting_type_id: UUID
    settings: meeting_type.Settings
    link_token: str | None = None
    manage_token: str | None = None
    own: UUID | None = None

    @property
    def opened_by(self) -> Mapping[str, Any]:
        """Return what availability must be shown."""
        return {
            "link_token": self.link_token,
            "manage_token": self.manage_token,
            "rescheduling": self.own,
        }


async def picked(parts: Parts, visit: Visit, clock: Clock, wanted: Wanted) -> Picker:
    """Return the picker for what the address asks; without a month it is the first free one."""
    asked = picker.asked_for(visit.query.get("month"), visit.query.get("day"))
    now = datetime.now(UTC)
    latest = now + timedelta(minutes=wanted.settings.max_lead_minutes)
    month = picker.within(asked, now, latest, clock)
    slots, free_day = await _month(parts, clock, wanted, month)
    if asked.month is None and slots == [] and free_day:
        month = picker.first_of(free_day)
        slots, free_day = await _month(parts, clock, wanted, month)
    return picker.pick(
        clock, asked, month, slots, next_free_day=free_day, earliest=now, latest=latest
    )


async def _month(
    parts: Parts, clock: Clock, wanted: Wanted, month: date
) -> tuple[list[picker.Times] | None, date | None]:
    """Return the month's free times and the next free day; None when nobody can say."""
    found = await parts.free_times.between(
        wanted.meeting_type_id,
        month.isoformat(),
        picker.following(month).isoformat(),
        time_zone=clock.zone.key,
        **wanted.opened_by,
    )
    if not found.known:
        return None, None
    slots = [
        (datetime.fromisoformat(slot["start"]), datetime.fromisoformat(slot["end"]))
        for slot in found.slots
    ]
    free_day = date.fromisoformat(found.next_free_day) if found.next_free_day else None
    return slots, free_day


def picking_facts(
    visit: Visit, clock: Clock, shown: Picker, *, path: str, told: Told, length: timedelta
) -> Facts:
    """Return what the picking page says, apart from what choosing a time does."""

    def to_month(month: date) -> dict[str, str]:
        address = visit.link(path, month=f"{month:%Y-%m}")
        return {"href": address, "words": clock.month(month)}

    return {
        "meeting": told,
        "duration": clock.duration(length),
        "picker": shown,
        "path": path,
        "again": visit.link(path, month=visit.query.get("month"), day=visit.query.get("day")),
        "month_words": clock.month(shown.month),
        "weekdays": [visit.reader.language.weekdays[number] for number in shown.weekdays],
        "weeks": [[day and _day(visit, clock, day, path) for day in week] for week in shown.weeks],
        "previous_month": to_month(shown.previous_month) if shown.previous_month else None,
        "next_month": to_month(shown.next_month) if shown.next_month else None,
        "go_on": _go_on(visit, clock, shown, path),
        "day_words": clock.day(shown.day) if shown.day else "",
        "times": [{"start": written(free.start), "label": free.label} for free in shown.times],
        **_zone(visit, clock, shown),
    }


def _day(visit: Visit, clock: Clock, day: picker.Day, path: str) -> Facts:
    key = {0: "pick.day.none", 1: "pick.day.one"}.get(day.free, "pick.day.many")
    words = visit.reader.language.say(key, day=clock.day(day.date), count=str(day.free))
    return {
        "number": day.date.day,
        "free": day.free,
        "chosen": day.chosen,
        "today": day.today,
        "words": words,
        "href": visit.link(path, day=day.date.isoformat()) + "#times",
    }


def _go_on(visit: Visit, clock: Clock, shown: Picker, path: str) -> dict[str, str] | None:
    day = shown.next_free_day
    if day is None:
        return None
    return {"href": visit.link(path, day=day.isoformat()), "words": clock.day(day)}


def _zone(visit: Visit, clock: Clock, shown: Picker) -> Facts:
    """Return the zone in words, as it is on the day that is shown, and those to choose from."""
    seen = shown.times[0].start if shown.times else datetime.now(UTC)
    kept = {
        "lang": visit.reader.asked,
        "month": visit.query.get("month"),
        "day": visit.query.get("day"),
    }
    return {
        "zone": clock.zone_at(seen),
        "zone_key": clock.zone.key,
        "zones": zones_by_region(),
        "zone_keeps": [(name, value) for name, value in kept.items() if value],
    }


async def gone(
    parts: Parts,
    visit: Visit,
    clock: Clock,
    wanted: Wanted,
    refusal: Refusal,
    start: datetime,
    facts: Facts,
    *,
    status: int = 409,
) -> Response:
    """Say that the time is not to be had, with the nearest ones that are.

    `facts` holds `action`, `form_key` and `keeps` of the form, and `all`, where every time is.
    """
    slots = await parts.free_times.nearest(wanted.meeting_type_id, start, **wanted.opened_by)
    starts = [datetime.fromisoformat(slot["start"]) for slot in slots]
    shown = {
        "why": "taken" if isinstance(refusal, SlotTaken) else "not_offered",
        "when": clock.moment(start),
        "zone": clock.zone_at(start),
        "nearest": [(written(each), clock.moment(each)) for each in starts if each != start],
        **facts,
    }
    return page(visit, "taken.html", shown, status=status, here=facts["here"])
