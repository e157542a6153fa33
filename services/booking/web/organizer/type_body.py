"""What a meeting type's form asks for, as the document that the API takes.

What is no number, time or date stays as it was typed: the rules of the API say what is wrong.
"""

import re
from collections.abc import Mapping, Sequence

from services.booking.web.organizer.faults import FaultRule
from services.booking.web.organizer.rows import Fields, Row, rows_of, with_rows
from services.booking.web.organizer.type_fields import DAYS, UNITS, is_ticked

Json = Mapping[str, object]

_F = "organizer.fault"
# Where the form shows what is wrong at a pointer of the API; the first that fits.
FAULT_RULES: Sequence[FaultRule] = (
    FaultRule("/title", "title", f"{_F}.title"),
    FaultRule("/slug", "slug", f"{_F}.slug"),
    FaultRule("/description", "description", f"{_F}.description"),
    FaultRule("/durations?_minutes(/.*)?", "durations", f"{_F}.durations"),
    FaultRule("/increment_minutes", "increment", f"{_F}.increment"),
    FaultRule("/location(/.*)?", "place-0-text", f"{_F}.place"),
    FaultRule(r"/locations/(\d+)(/.*)?", r"place-\1-text", f"{_F}.place"),
    FaultRule("/locations", "place", f"{_F}.places"),
    FaultRule("/hours", "hours", f"{_F}.hours"),
    FaultRule(r"/weekly_hours/(\w+)/(\d+)(/.*)?", r"\1-\2-from", f"{_F}.range"),
    FaultRule("/weekly_hours(/.*)?", "hours", f"{_F}.hours"),
    FaultRule("/date_overrides(/.*)?", "date", f"{_F}.date"),
    FaultRule("/min_lead_minutes", "lead", f"{_F}.lead"),
    FaultRule("/max_lead_minutes", "horizon", f"{_F}.horizon"),
    FaultRule("/buffer_(before|after)_minutes", r"\1", f"{_F}.buffer"),
    FaultRule("/max_(per_day|per_week)", r"\1", f"{_F}.limit"),
    FaultRule("/max_active_per_attendee", "per_person", f"{_F}.limit"),
    FaultRule(r"/questions/(\d+)/choices(/.*)?", r"question-\1-choices", f"{_F}.choices"),
    FaultRule(r"/questions/(\d+)/id", r"question-\1-label", f"{_F}.question_same"),
    FaultRule(r"/questions/(\d+)(/.*)?", r"question-\1-label", f"{_F}.question"),
    FaultRule("/questions", "question", f"{_F}.questions"),
    FaultRule(r"/reminders/(\d+)/text", r"reminder-\1-text", f"{_F}.reminder_text"),
    FaultRule(r"/reminders/(\d+)/minutes_before", r"reminder-\1-number", f"{_F}.reminder"),
    FaultRule(r"/reminders/(\d+)", r"reminder-\1-number", f"{_F}.reminder_same"),
    FaultRule("/reminders", "reminder", f"{_F}.reminders"),
    FaultRule("/approval_deadline_minutes", "deadline", f"{_F}.deadline"),
    FaultRule("/change_cutoff_minutes", "cutoff", f"{_F}.cutoff"),
    FaultRule("/colour", "colour", f"{_F}.colour"),
    FaultRule("/frame_origins", "origins", f"{_F}.origins.many"),
    FaultRule("/frame_origins/.*", "origins", f"{_F}.origins"),
)
_BETWEEN = re.compile(r"[\s,;/]+")
_RANGES = re.compile(r"\s*[,;]\s*|\s+(?=\d)")
_SPAN = re.compile(r"(\d{1,2})[:.]?(\d\d)?\s*[-\u2013]\s*(\d{1,2})[:.]?(\d\d)?")


def tidied(fields: Fields) -> dict[str, str]:
    """Return the fields without the rows in which nothing was typed."""
    kept = dict(fields)
    for name, columns in (*((day, ("from", "to")) for day in DAYS), ("date", ("day", "hours"))):
        rows = [row for row in rows_of(kept, name) if any(row.get(each) for each in columns)]
        kept = with_rows(kept, name, rows)
    asked = [row for row in rows_of(kept, "question") if row.get("label") or row.get("choices")]
    return with_rows(kept, "question", asked)


def body_of(fields: Fields, jitsi_template: str) -> dict[str, object]:
    """Return the document; `fields` are tidied, so that its lists have the form's rows."""
    body: dict[str, object] = {
        "title": fields.get("title", ""),
        "slug": fields.get("slug", "").strip() or None,
        "description": fields.get("description", ""),
        "durations_minutes": [
            number(each) for each in _BETWEEN.split(fields.get("durations", "").strip())
        ],
        "increment_minutes": optional(fields.get("increment", "")),
        "visibility": fields.get("visibility", "public"),
        "hours": fields.get("hours", "calendar"),
        "date_overrides": _dates(rows_of(fields, "date")),
        "min_lead_minutes": length(fields, "lead"),
        "max_lead_minutes": _whole_days(fields.get("horizon", "")),
        "buffer_before_minutes": number(fields.get("before", "") or "0"),
        "buffer_after_minutes": number(fields.get("after", "") or "0"),
        "locations": [_place(row, jitsi_template) for row in rows_of(fields, "place")],
        "questions": [_question(row) for row in rows_of(fields, "question")],
        "approval_required": is_ticked(fields, "approval"),
        "approval_deadline_minutes": length(fields, "deadline"),
        "verification_required": is_ticked(fields, "verification"),
        "reminders": [_reminder(row) for row in rows_of(fields, "reminder")],
        "max_per_day": optional(fields.get("per_day", "")),
        "max_per_week": optional(fields.get("per_week", "")),
        "max_active_per_attendee": optional(fields.get("per_person", "")),
        "colour": fields.get("colour") or None,
        "enabled": is_ticked(fields, "enabled"),
        "members_only": is_ticked(fields, "members"),
        "change_cutoff_minutes": length(fields, "cutoff") if fields.get("cutoff") else None,
        "frame_origins": _origins(fields.get("origins", "")),
    }
    if body["hours"] == "custom":
        body["weekly_hours"] = weekly_hours_in(fields)
    return body


def weekly_hours_in(fields: Fields) -> dict[str, list[list[str]]]:
    """Return the ranges that were typed for each day; `fields` are tidied."""
    return {day: _hours(rows_of(fields, day)) for day in DAYS}


def number(text: str) -> int | str:
    """Return the whole number, or the text if it is none."""
    typed = text.strip()
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else typed


def optional(text: str) -> int | str | None:
    """Return the whole number, the text if it is none, or nothing."""
    return number(text) if text.strip() else None


def length(fields: Fields, name: str) -> int | str:
    """Return the minutes of a number with its unit."""
    return _times(fields.get(name, ""), fields.get(f"{name}_unit", ""))


def _whole_days(text: str) -> int | str:
    typed = text.strip().replace(",", ".")
    try:
        return round(float(typed) * UNITS["days"]) if len(typed) < 10 else typed
    except (ValueError, OverflowError):
        return typed


def _origins(text: str) -> list[str]:
    """Return the origins, one on each line, as browsers write them; each of them once."""
    typed = (each.strip().lower().removesuffix("/") for each in text.splitlines())
    return list(dict.fromkeys(each for each in typed if each))


def _hours(rows: Sequence[Row]) -> list[list[str]]:
    """Return the ranges; midnight is the end of a day where a range ends."""
    return [
        [row.get("from", ""), "24:00" if row.get("to") == "00:00" else row.get("to", "")]
        for row in rows
    ]


def _dates(rows: Sequence[Row]) -> dict[str, list[list[str]]]:
    """Return the ranges of each date; a date that is named twice has the ranges of both."""
    dates: dict[str, list[list[str]]] = {}
    for row in rows:
        typed = [each for each in _RANGES.split(row.get("hours", "").strip()) if each]
        dates.setdefault(row.get("day", ""), []).extend(map(_span, typed))
    return dates


def _span(text: str) -> list[str]:
    match = _SPAN.fullmatch(text)
    if match is None:
        return [text, ""]
    start, start_minute, end, end_minute = match.groups(default="00")
    return [f"{start:0>2}:{start_minute}", f"{end:0>2}:{end_minute}".replace("00:00", "24:00")]


def _place(row: Row, jitsi_template: str) -> Json:
    kind, text = row.get("kind", "place"), row.get("text", "").strip()
    match kind:
        case "they_call":
            return {"kind": "phone", "who_calls": "organizer"}  # nobody is told a number
        case "you_call":
            return {"kind": "phone", "who_calls": "attendee", "number": text}
        case "jitsi":
            return {"kind": "online", "provider": kind, "url_template": text or jitsi_template}
        case "teams" | "url":
            return {"kind": "online", "provider": kind, "url_template": text}
        case _:
            return {"kind": "in_person", "address": text}


def _question(row: Row) -> Json:
    choices = [each for each in row.get("choices", "").split("\n") if each.strip()]
    kind = row.get("kind", "text")
    question: dict[str, object] = {
        "label": row.get("label", ""),
        "kind": kind,
        "required": is_ticked(row, "required"),
        # What was typed for another kind is kept in the form only.
        "choices": choices if kind == "choice" else [],
    }
    return question | ({"id": row["id"]} if row.get("id") else {})


def _reminder(row: Row) -> Json:
    return {
        "minutes_before": _times(row.get("number", ""), row.get("unit", "")),
        "to": row.get("to", "both"),
        "text": row.get("text", ""),
    }


def _times(text: str, unit: str) -> int | str:
    typed = number(text)
    return typed * UNITS.get(unit, 1) if isinstance(typed, int) else typed
