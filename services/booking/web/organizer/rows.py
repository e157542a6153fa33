"""Lists inside a form: rows with numbers in the names of their fields, changed by buttons.

`question-0-label` is the field `label` of the first row of the list `question`. A button named
`do` adds, removes and moves rows: the page is made anew with what was typed, without scripts.
"""

import re
from collections.abc import Mapping, Sequence

Fields = Mapping[str, str]
Row = Mapping[str, str]

DO = "do"
_NUMBERED = re.compile(r"([a-z]+)-([0-9]{1,3})-([a-z_]+)")


def rows_of(fields: Fields, name: str) -> list[Row]:
    """Return the rows of the list in their order; a row that sent nothing is not there."""
    found: dict[int, dict[str, str]] = {}
    for field, value in fields.items():
        match = _NUMBERED.fullmatch(field)
        if match and match[1] == name:
            found.setdefault(int(match[2]), {})[match[3]] = value
    return [found[number] for number in sorted(found)]


def with_rows(fields: Fields, name: str, rows: Sequence[Row]) -> dict[str, str]:
    """Return the fields with these rows in the list, numbered from 0."""
    kept = {field: value for field, value in fields.items() if not _is_of(field, name)}
    for number, row in enumerate(rows):
        kept |= {f"{name}-{number}-{column}": value for column, value in row.items()}
    return kept


def rearranged(fields: Fields, new_rows: Mapping[str, Row]) -> dict[str, str] | None:
    """Return the fields as the pressed button wants them; None for a button that is about no row.

    `new_rows` has the row that is added to each list.
    """
    what, _, rest = fields.get(DO, "").partition(":")
    name, _, number = rest.partition(":")
    if name not in new_rows:
        return None
    rows = rows_of(fields, name)
    if what == "add":
        return with_rows(fields, name, [*rows, new_rows[name]])
    place = int(number) if number.isascii() and number.isdecimal() else len(rows)
    if place >= len(rows):
        return dict(fields)
    row = rows.pop(place)
    if what in ("up", "down"):
        rows.insert(max(0, place - 1) if what == "up" else place + 1, row)
    return with_rows(fields, name, rows)


def _is_of(field: str, name: str) -> bool:
    match = _NUMBERED.fullmatch(field)
    return match is not None and match[1] == name
