"""Hours that end before they begin: they go on into the next day, which is asked about once.

Mostly the two times were mixed up, so a form with such hours is shown once more. It then says what
they mean, and tells by a hidden field what it has said: sent again as it is, it is taken.
"""

from collections.abc import Iterator

from services.booking.web.organizer.rows import Fields
from services.booking.web.organizer.type_body import dates_in, weekly_hours_in
from services.chassis.web.form_faults import FieldFault

# The hidden field: the ranges over midnight that the form has said something about.
TOLD = "next_day"
WORDS = "organizer.fault.next_day"


def told(fields: Fields) -> str:
    """Return what the form that shows these fields says about its ranges over midnight."""
    return " ".join(name for _, name in _over_midnight(fields))


def untold(fields: Fields) -> list[FieldFault]:
    """Return where a range goes on into the next day and the form had not said so.

    `fields` are tidied, as for the document that is made of them. Hours that are not those of a
    type but the page's own have no choice between regular and other ones.
    """
    known = fields.get(TOLD, "").split()
    found = {place: name for place, name in _over_midnight(fields) if name not in known}
    return [FieldFault(place, WORDS) for place in found]


def _over_midnight(fields: Fields) -> Iterator[tuple[str, str]]:
    """Yield the control and the name of each range that ends before it begins."""
    weekly = weekly_hours_in(fields) if fields.get("hours", "custom") == "custom" else {}
    for day, ranges in weekly.items():
        for number, (start, end) in enumerate(ranges):
            if _ends_next_day(start, end):
                yield f"{day}-{number}-from", f"{day}:{start}-{end}"
    for date, ranges in dates_in(fields).items():
        for start, end in ranges:
            if _ends_next_day(start, end):
                yield "date", f"{date}:{start}-{end}".replace(" ", "")


def _ends_next_day(start: str, end: str) -> bool:
    return bool(start and end) and end < start
