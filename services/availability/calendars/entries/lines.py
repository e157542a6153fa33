"""A calendar's text taken apart: lines unfolded, components by their kind, properties by name."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

_FOLD = re.compile(r"\r?\n[ \t]")
_BREAK = re.compile(r"\r\n|\n|\r")
_NAME = re.compile(r"[A-Za-z0-9-]+")
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=((?:"[^"]*"|[^":;,]*)(?:,(?:"[^"]*"|[^":;,]*))*)')
_BYTE_ORDER_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class NoCalendar(Exception):
    """The text is no calendar, or not all of one: what is missing would read as free."""


@dataclass(frozen=True, slots=True)
class Property:
    """One property: its name in capitals, its parameters by name in capitals, its value."""

    name: str
    parameters: Mapping[str, str]
    value: str


@dataclass(slots=True)
class Component:
    """One component as its unfolded lines, without those of components inside it."""

    name: str
    lines: list[str] = field(default_factory=list)
    parts: list["Component"] = field(default_factory=list)

    def first(self, name: str) -> Property | None:
        """Return the first property of the name; raise ValueError for one that cannot be read."""
        return next(iter(self.all(name)), None)

    def all(self, name: str) -> Iterator[Property]:
        """Yield the properties of the name."""
        length = len(name)
        for line in self.lines:
            if line[length : length + 1] in {":", ";"} and line[:length].upper() == name:
                yield property_of(line)

    def value(self, name: str) -> str:
        """Return the first property's value in capitals, empty without one."""
        found = self.first(name)
        return found.value.strip().upper() if found else ""

    def has(self, *names: str) -> bool:
        """Tell whether there is a property of one of the names."""
        return any(
            line[len(name) : len(name) + 1] in {":", ";"} and line[: len(name)].upper() == name
            for line in self.lines
            for name in names
        )

    def text(self) -> str:
        """Return the component as it was, each line unfolded."""
        inner = "".join(each.text() for each in self.parts)
        lines = "".join(f"{line}\r\n" for line in self.lines)
        return f"BEGIN:{self.name}\r\n{lines}{inner}END:{self.name}\r\n"


def property_of(line: str) -> Property:
    """Return the property that the line is; raise ValueError."""
    named = _NAME.match(line)
    if named is None:
        raise ValueError("a line without a name")
    at, parameters = named.end(), {}
    while found := _PARAMETER.match(line, at):
        parameters[found[1].upper()] = found[2].replace('"', "")
        at = found.end()
    if line[at : at + 1] != ":":
        raise ValueError("a line without a value")
    return Property(named[0].upper(), parameters, line[at + 1 :])


def decoded(text: bytes) -> str:
    """Return the text; letters in another coding are lost, which the times do not need."""
    for mark, coding in _BYTE_ORDER_MARKS:
        if text.startswith(mark):
            return text.decode(coding, "replace")
    return text.decode("utf-8-sig", "replace")


def calendars(text: bytes) -> Sequence[Component]:
    """Return the calendars in the text; raise NoCalendar."""
    found: list[Component] = []
    open_: list[Component] = []
    for line in _BREAK.split(_FOLD.sub("", decoded(text))):
        head = line[:6].upper()
        if head == "BEGIN:":
            open_.append(Component(line[6:].strip().upper()))
        elif line[:4].upper() == "END:":
            if not open_ or open_[-1].name != line[4:].strip().upper():
                raise NoCalendar("an end without a beginning")
            done = open_.pop()
            (open_[-1].parts if open_ else found).append(done)
        elif line.strip():
            if not open_:
                raise NoCalendar("no calendar")
            open_[-1].lines.append(line)
    if open_ or not found or any(each.name != "VCALENDAR" for each in found):
        raise NoCalendar("not all of a calendar")
    return found
