"""A CSV file of users: its rows as the API takes them, and what is wrong with it, line by line."""

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.operations.policy.settings import MAILBOX, Setting, WrongValue, sent, value_of_text

# Their names may be written with blanks, `-` or `_`, and in any case.
USER = "user"
_PLAN = Setting("LicencePlan", "plan", "text", can_be_empty=True)
_LICENCE = (
    _PLAN,
    Setting("LicenceAssigned", "assigned", "switch"),
    Setting("LicenceEnabled", "enabled", "switch"),
)
# Sent as they are: who the user is, for people, and why, where that is another reason for each.
_TEXTS = ("reason", "display_name", "mail")
_SETTINGS = MAILBOX.settings
COLUMNS = (USER, *(each.name for each in (*_SETTINGS, *_LICENCE)), *_TEXTS)
_BETWEEN_ENTRIES = "|"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line."""

    line: int
    message: str


class Unreadable(Exception):
    """The file as a whole cannot be read; `faults` are the lines that show it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__()
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Row:
    """One user, and the line that it begins on."""

    line: int
    body: dict[str, object]


@dataclass(slots=True)
class UserFile:
    """The rows that can be sent, the faults of the others, and a digest of the whole."""

    digest: str
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read(data: bytes) -> UserFile:
    """Return what the file holds; raise Unreadable."""
    text = _text(data)
    lines = _records(text)
    header = next(lines, None)
    if header is None:
        raise Unreadable([Fault(1, f"The file is empty. Its columns are: {_list(COLUMNS)}.")])
    names = _columns(*header)
    file = UserFile(hashlib.sha256(data).hexdigest())
    first: dict[str, int] = {}
    try:
        for line, cells in lines:
            _add(file, first, names, line, cells)
    except csv.Error as fault:
        place = header[0] if not file.rows else file.rows[-1].line + 1
        raise Unreadable([Fault(place, f"From here on it is no CSV: {fault}.")]) from fault
    return file


def _text(data: bytes) -> str:
    """Return the text of a file in UTF-8; raise Unreadable with each line that is not."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Unreadable([Fault(1, f"The file is in UTF-16. {_SAVE_AS}")])
    faults = []
    for number, line in enumerate(data.split(b"\n"), 1):
        try:
            line.decode()
        except UnicodeDecodeError as fault:
            odd = f"byte 0x{line[fault.start]:02X} at place {fault.start + 1}"
            faults.append(Fault(number, f"It is not in UTF-8 ({odd}). {_SAVE_AS}"))
        if b"\0" in line:
            faults.append(Fault(number, f"It has bytes of zero: this is no text. {_SAVE_AS}"))
    if faults:
        raise Unreadable(faults)
    return data.decode("utf-8-sig")


_SAVE_AS = "Save it as CSV in UTF-8."


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Return each record that is not blank with the line that it begins on."""
    head = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max((";", ",", "\t"), key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield begins, [cell.strip() for cell in cells]
        begins = reader.line_num + 1


def _columns(line: int, cells: Sequence[str]) -> list[str]:
    """Return which columns the file has, in its order; raise Unreadable."""
    known = {_key(name): name for name in COLUMNS} | {"identity": USER}
    unknown = [cell for cell in cells if _key(cell) not in known]
    names = [known.get(_key(cell), "") for cell in cells]
    allowed = f"There are: {_list(COLUMNS)}."
    if unknown:
        raise Unreadable([Fault(line, f"{each or 'A column without a name'} is no column here. "
                                f"{allowed}") for each in unknown])  # fmt: skip
    repeated = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if repeated:
        raise Unreadable([Fault(line, f"The column {each} is there twice.") for each in repeated])
    if USER not in names:
        raise Unreadable([Fault(line, f"The column {USER} is missing. {allowed}")])
    return names


def _key(name: str) -> str:
    return re.sub("[ _-]", "", name.casefold())


def _add(
    file: UserFile, first: dict[str, int], names: list[str], line: int, cells: list[str]
) -> None:
    """Add the row, or its faults."""
    if len(cells) != len(names):
        message = f"It has {len(cells)} fields, and the first line has {len(names)}."
        file.faults.append(Fault(line, message))
        return
    given = dict(zip(names, cells, strict=True))
    user = given[USER]
    if not user:
        file.faults.append(Fault(line, "It names no user."))
        return
    earlier = first.setdefault(_id(user), line)
    if earlier != line:
        file.faults.append(Fault(line, f"The user {user} is in line {earlier} already."))
        return
    body, faults = _body(given)
    if faults:
        file.faults += [Fault(line, fault) for fault in faults]
    else:
        file.rows.append(Row(line, body))


def _body(given: dict[str, str]) -> tuple[dict[str, object], list[str]]:
    body: dict[str, object] = {USER: given[USER]}
    faults: list[str] = []
    for setting in _SETTINGS:
        if text := given.get(setting.name):
            try:
                body[setting.field] = _value(setting, text)
            except WrongValue as fault:
                faults.append(str(fault))
    licence: dict[str, object] = {}
    for setting in _LICENCE:
        if text := given.get(setting.name):
            try:
                licence[setting.field] = sent(value_of_text(setting, text))
            except WrongValue as fault:
                faults.append(str(fault))
    if licence and "plan" not in licence:
        faults.append("A licence has a LicencePlan.")
    elif licence:
        whole = {"assigned": True, "enabled": True, **licence}
        body["licence"] = None if licence["plan"] is None else whole
    body |= {name: text for name in _TEXTS if (text := given.get(name))}
    return body, faults


def _value(setting: Setting, text: str) -> object:
    if setting.kind != "list" or text.casefold() == "null":
        return sent(value_of_text(setting, text))
    return [each.strip() for each in text.split(_BETWEEN_ENTRIES) if each.strip()]


def _id(user: str) -> str:
    """Return what is the same for two spellings of one id."""
    try:
        return str(UUID(user))
    except ValueError:
        return user


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)
