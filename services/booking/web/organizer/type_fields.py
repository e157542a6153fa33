"""A meeting type as the fields of its form: every setting as the text that a person reads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields as fields_of_class
from typing import assert_never

from services.booking.domain.location import InPerson, Location, Online, Phone
from services.booking.domain.meeting_type import Settings
from services.booking.domain.weekly_hours import Range, WeeklyHours, days
from services.booking.web.organizer.rows import Fields, Row

UNITS: Mapping[str, int] = {"minutes": 1, "hours": 60, "days": 24 * 60}
DAYS = tuple(field.name for field in fields_of_class(WeeklyHours))
WORK_DAYS = DAYS[:5]
OFFICE_HOURS: Range = ("09:00", "17:00")
TICKED = "yes"
# What stands in a row that is added to a list; a range of hours is a list of its own for each day.
NEW_ROWS: Mapping[str, Row] = {
    **{day: {"from": "", "to": ""} for day in DAYS},
    "place": {"kind": "place", "text": ""},
    "date": {"day": "", "hours": ""},
    "question": {"id": "", "label": "", "kind": "text", "required": "", "choices": ""},
    "reminder": {"number": "1", "unit": "days", "to": "both", "text": ""},
}


def amount(minutes: int) -> tuple[str, str]:
    """Return a length as a number and the largest unit that needs no fraction."""
    if minutes == 0:
        return "0", "hours"
    unit = next(name for name in ("days", "hours", "minutes") if minutes % UNITS[name] == 0)
    return str(minutes // UNITS[unit]), unit


def fields_of_settings(settings: Settings) -> dict[str, str]:
    """Return the fields of the form that shows these settings."""
    lead, lead_unit = amount(settings.min_lead_minutes)
    cutoff, cutoff_unit = (
        ("", "hours")
        if settings.change_cutoff_minutes is None
        else amount(settings.change_cutoff_minutes)
    )
    deadline, deadline_unit = amount(settings.approval_deadline_minutes)
    return {
        "title": settings.title,
        "slug": settings.slug,
        "description": settings.description,
        "durations": ", ".join(map(str, settings.durations_minutes)),
        "increment": str(settings.increment_minutes),
        "visibility": settings.visibility,
        "hours": settings.hours,
        "lead": lead,
        "lead_unit": lead_unit,
        "horizon": _days(settings.max_lead_minutes),
        "before": str(settings.buffer_before_minutes),
        "after": str(settings.buffer_after_minutes),
        "per_day": _limit(settings.max_per_day),
        "per_week": _limit(settings.max_per_week),
        "per_person": _limit(settings.max_active_per_attendee),
        "approval": TICKED if settings.approval_required else "",
        "deadline": deadline,
        "deadline_unit": deadline_unit,
        "verification": TICKED if settings.verification_required else "",
        "members": TICKED if settings.members_only else "",
        "enabled": TICKED if settings.enabled else "",
        "cutoff": cutoff,
        "cutoff_unit": cutoff_unit,
        "colour": settings.colour or "",
        "origins": "\n".join(settings.frame_origins),
        **_lists(settings),
    }


def fields_of_hours(hours: WeeklyHours) -> dict[str, str]:
    """Return the fields of the form that shows the hours of a week."""
    return _numbered(_hours_of_days(days(hours)))


def ranges_in_text(ranges: Sequence[Range]) -> str:
    """Return the hours of one date as they are typed into one field."""
    return ", ".join(f"{start}-{end}" for start, end in ranges)


def _lists(settings: Settings) -> dict[str, str]:
    office = (OFFICE_HOURS,)
    hours = (
        days(settings.weekly_hours)
        if settings.hours == "custom"
        # What is proposed to who wants hours of their own for this type.
        else [(day, office if day in WORK_DAYS else ()) for day in DAYS]
    )
    lists = _hours_of_days(hours)
    lists["place"] = [_place(each) for each in settings.locations]
    lists["date"] = [
        {"day": each.date, "hours": ranges_in_text(each.ranges)} for each in settings.date_overrides
    ]
    lists["question"] = [
        {
            "id": each.id,
            "label": each.label,
            "kind": each.kind,
            "required": TICKED if each.required else "",
            "choices": "\n".join(each.choices),
        }
        for each in settings.questions
    ]
    lists["reminder"] = [
        {
            "number": amount(each.minutes_before)[0],
            "unit": amount(each.minutes_before)[1],
            "to": each.to,
            "text": each.text,
        }
        for each in settings.reminders
    ]
    return _numbered(lists)


def _hours_of_days(hours: Iterable[tuple[str, Sequence[Range]]]) -> dict[str, Sequence[Row]]:
    return {
        day: [{"from": start, "to": end.replace("24:00", "00:00")} for start, end in ranges]
        for day, ranges in hours
    }


def _numbered(lists: Mapping[str, Sequence[Row]]) -> dict[str, str]:
    return {
        f"{name}-{number}-{column}": value
        for name, rows in lists.items()
        for number, row in enumerate(rows)
        for column, value in row.items()
    }


def _place(location: Location) -> Row:
    match location:
        case InPerson(address):
            return {"kind": "place", "text": address}
        case Phone(who_calls="organizer"):
            return {"kind": "they_call", "text": ""}
        case Phone(number=number):
            return {"kind": "you_call", "text": number or ""}
        case Online(provider, template):
            return {"kind": provider, "text": template or ""}
        case _:
            assert_never(location)


def _limit(limit: int | None) -> str:
    return "" if limit is None else str(limit)


def _days(minutes: int) -> str:
    """Return the days, with a fraction only for what another program has set."""
    return f"{minutes / UNITS['days']:g}"


def is_ticked(fields: Fields, name: str) -> bool:
    """Tell whether the box was ticked."""
    return fields.get(name) == TICKED
