"""The page with a meeting type's form: five fields first, the rest under headings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from services.booking.web.organizer.desk import Desk
from services.booking.web.organizer.over_midnight import TOLD, told
from services.booking.web.organizer.rows import DO, Fields, Row, rearranged, rows_of, with_rows
from services.booking.web.organizer.type_body import tidied
from services.booking.web.organizer.type_fields import DAYS, NEW_ROWS, WORK_DAYS
from services.chassis.web.form_faults import FieldFault, by_field

COPY_MONDAY = "copy:mon"
OPENED = "opened"
# The headings under which the form's further fields stand, with the beginnings of their names.
GROUPS: Mapping[str, Sequence[str]] = {
    "hours": ("hours", "date", *DAYS),
    "limits": ("lead", "horizon", "increment", "before", "after", "per_"),
    "questions": ("question",),
    "approval": ("approval", "deadline", "verification", "members", "cutoff"),
    "reminders": ("reminder",),
    "address": ("slug", "colour", "enabled", "origins"),
}
COLOURS: Mapping[str, str] = {
    "blue": "#2f4bc7",
    "green": "#17734a",
    "teal": "#0f7285",
    "purple": "#6f42c1",
    "pink": "#b4246f",
    "red": "#a8261f",
    "orange": "#b35a00",
    "grey": "#585d70",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A part of the form that was saved otherwise meanwhile; `words` is the key of its name."""

    words: str
    saved: str
    typed: str


@dataclass(frozen=True, slots=True)
class DayRows:
    """A day of the week with its ranges."""

    key: str
    name: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeFormPage:
    """The form; `type_id` is empty for a type that is yet to be made."""

    TEMPLATE: ClassVar[str] = "organizer/type_form.html"

    type_id: str
    action: str
    form_key: str
    hidden: Sequence[tuple[str, str]]
    fields: Fields
    faults: Sequence[FieldFault]
    wrong: Mapping[str, str]
    days: Sequence[DayRows]
    lists: Mapping[str, Sequence[Row]]
    opened: frozenset[str]
    colours: Mapping[str, str]
    zone: str
    differences: Sequence[Difference]
    back: str


def pressed(fields: Fields) -> dict[str, str] | None:
    """Return the fields as a button about hours or rows wants them, if one was pressed."""
    return _rearranged_hours(fields) or rearranged(fields, NEW_ROWS)


def _rearranged_hours(fields: Fields) -> dict[str, str] | None:
    """Return the fields with Monday's hours on all working days, if that button was pressed."""
    if fields.get(DO) != COPY_MONDAY:
        return None
    changed = dict(fields)
    for day in WORK_DAYS[1:]:
        changed = with_rows(changed, day, rows_of(fields, DAYS[0]))
    return changed


def week_rows(desk: Desk, fields: Fields) -> list[DayRows]:
    """Return the days of the week with what was typed for each."""
    weekdays = desk.visit.reader.formats.weekdays
    return [
        DayRows(day, name, rows_of(fields, day)) for day, name in zip(DAYS, weekdays, strict=True)
    ]


def type_form(
    desk: Desk,
    *,
    type_id: str,
    action: str,
    back: str,
    zone: str,
    fields: Fields,
    hidden: Sequence[tuple[str, str]],
    faults: Sequence[FieldFault] = (),
    differences: Sequence[Difference] = (),
) -> TypeFormPage:
    """Return the page with these fields."""
    opened = fields.get(OPENED, "").split()  # a script keeps it
    touched = [each.field for each in faults] + fields.get(DO, "").split(":")[1:2]
    return TypeFormPage(
        type_id=type_id,
        action=action,
        form_key=desk.key(action),
        hidden=[*hidden, (TOLD, told(tidied(fields)))],
        fields=fields,
        faults=faults,
        wrong=by_field(faults),
        days=week_rows(desk, fields),
        lists={name: rows_of(fields, name) for name in NEW_ROWS},
        opened=frozenset(
            group
            for group, names in GROUPS.items()
            if group in opened or any(field.startswith(name) for field in touched for name in names)
        ),
        colours=COLOURS,
        zone=zone,
        differences=differences,
        back=back,
    )


def differences(saved: Fields, typed: Fields) -> list[Difference]:
    """Return what differs between what is saved and what was typed, part by part."""
    found = [
        Difference(f"organizer.type.{name}", saved.get(name, ""), typed.get(name, ""))
        for name in saved
        if "-" not in name and not name.endswith("_unit")
    ]
    found += [
        Difference(f"organizer.type.{name}", _in_words(saved, name), _in_words(typed, name))
        for name in NEW_ROWS
    ]
    return [each for each in found if each.saved != each.typed]


def _in_words(fields: Fields, name: str) -> str:
    rows = rows_of(fields, name)
    return "; ".join(" ".join(value for value in row.values() if value) for row in rows)
