"""The form of a PowerShell line: a command, its arguments, and `| Format-List`."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.operations.policy.powershell_tokens import NotUnderstood, Token, tokens_of

Literal = bool | str | None
FORMATS = ("format-list", "fl")


@dataclass(frozen=True, slots=True)
class Argument:
    """A value with its place: one, a list, or `@{Add=...; Remove=...}`."""

    column: int
    value: Literal | tuple[Literal, ...] | dict[str, tuple[Literal, ...]]


@dataclass(frozen=True, slots=True)
class Parameter:
    """`-Name` with its value, if it has one."""

    name: str
    column: int
    argument: Argument | None


@dataclass(frozen=True, slots=True)
class Line:
    """A command with its arguments; `properties` are those of Format-List."""

    command: Token
    positional: tuple[Argument, ...]
    parameters: tuple[Parameter, ...]
    formatted: bool = False
    properties: tuple[str, ...] | None = None
    properties_column: int = 0


class _Reader:
    """Reads one word after the other."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._place = 0

    @property
    def next(self) -> Token:
        return self._tokens[self._place]

    def at_end(self) -> bool:
        return self.next.kind == "end"

    def take(self) -> Token:
        token = self.next
        self._place += token.kind != "end"
        return token

    def sign(self, *texts: str) -> Token | None:
        """Take the next word if it is one of these signs."""
        return self.take() if self.next.kind == "sign" and self.next.text in texts else None

    def expect(self, text: str, meaning: str) -> Token:
        token = self.sign(text)
        if token is None:
            raise self.odd(f"`{text}` {meaning} is missing")
        return token

    def odd(self, wanted: str) -> NotUnderstood:
        what = f"before {self.next.text}" if self.next.text else "at the end"
        return NotUnderstood(self.next.column, f"{wanted} {what}.")


def parse(line: str) -> Line:
    """Return the line's parts; raise NotUnderstood."""
    reader = _Reader(tokens_of(line.rstrip("\r\n")))
    command = reader.take()
    if command.kind != "word":
        raise NotUnderstood(command.column, "A line begins with a command.")
    positional: list[Argument] = []
    parameters: list[Parameter] = []
    while not reader.at_end() and reader.next.text != "|":
        if reader.next.kind == "parameter":
            parameters.append(_parameter(reader))
        else:
            positional.append(_argument(reader))
    arguments = (command, tuple(positional), tuple(parameters))
    if reader.sign("|") is None:
        return Line(*arguments)
    column = reader.next.column
    properties = _format(reader)
    return Line(*arguments, formatted=True, properties=properties, properties_column=column)


def _parameter(reader: _Reader) -> Parameter:
    token = reader.take()
    following = reader.next
    bare = following.kind in ("parameter", "end") or following.text == "|"
    if bare and token.text.endswith(":"):
        raise reader.odd(f"A value of {token.text} is missing")
    return Parameter(str(token.value), token.column, None if bare else _argument(reader))


def _argument(reader: _Reader) -> Argument:
    column = reader.next.column
    if reader.sign("@{"):
        return Argument(column, _table(reader))
    if reader.next.text == ";":
        raise NotUnderstood(column, "`;` is not understood here: one line at a time.")
    if reader.next.text not in ("@(", "(") and reader.next.kind == "sign":
        raise reader.odd("A value is missing")
    many, listed = _values(reader, bare=True)
    return Argument(column, many if listed else many[0])


def _values(reader: _Reader, *, bare: bool) -> tuple[tuple[Literal, ...], bool]:
    """Return the values, and whether they are a list: `a,b` or `@("a","b")`."""
    if opening := reader.sign("@(", "("):
        values: list[Literal] = []
        while reader.next.text != ")":
            values += [_value(reader, bare=False)]
            if reader.sign(",", ";") is None:
                break
        reader.expect(")", f"to the `{opening.text}`")
        return tuple(values), True
    found = [_value(reader, bare=bare)]
    while reader.sign(","):
        found.append(_value(reader, bare=bare))
    return tuple(found), len(found) > 1


def _value(reader: _Reader, *, bare: bool) -> Literal:
    token = reader.next
    if token.kind == "word" and not bare:
        raise NotUnderstood(token.column, f"{token.text} must be in quotes here: '{token.text}'.")
    if token.kind not in ("word", "text", "constant"):
        raise reader.odd("A value is missing")
    return reader.take().value


def _table(reader: _Reader) -> dict[str, tuple[Literal, ...]]:
    found: dict[str, tuple[Literal, ...]] = {}
    while reader.next.text != "}":
        key = reader.take()
        name = str(key.value).capitalize() if key.kind in ("word", "text") else ""
        if name not in ("Add", "Remove") or name in found:
            written = key.text or "the end"
            message = (
                f"{written} is not understood in @{{...}}, which takes Add and Remove, each once."
            )
            raise NotUnderstood(key.column, message)
        reader.expect("=", f"after {name}")
        found[name], _ = _values(reader, bare=False)
        if reader.sign(";") is None:
            break
    closing = reader.expect("}", "to the `@{`")
    if not found:
        raise NotUnderstood(closing.column, "@{} is empty: it takes Add and Remove.")
    return found


def _format(reader: _Reader) -> tuple[str, ...] | None:
    """Return the properties that Format-List is to show, None for all."""
    command = reader.take()
    if command.text.lower() not in FORMATS:
        written = command.text or "nothing"
        message = f"{written} is not understood behind `|`. There are: Format-List, fl."
        raise NotUnderstood(command.column, message)
    if reader.next.kind == "parameter":
        token = reader.take()
        if str(token.value).lower() != "property":
            raise NotUnderstood(token.column, f"{token.text} is not understood: -Property is.")
    if reader.at_end():
        return None
    column = reader.next.column
    names, _ = _values(reader, bare=True)
    if not reader.at_end():
        token = reader.next
        raise NotUnderstood(token.column, f"{token.text} is not understood behind Format-List.")
    if not all(isinstance(each, str) for each in names):
        raise NotUnderstood(column, "Format-List takes names of properties.")
    return tuple(str(each) for each in names)
