"""PowerShell's words, as far as they are understood: each with its column, which an error names.

A parser of our own: the one grammar that is published (tree-sitter's) takes the whole language, so
that all but a few of its nodes would have to be refused here again, with a compiled library more.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["parameter", "word", "text", "constant", "sign", "end"]

# As PowerShell reads them: a text copied from a document has typographic ones. The dash is escaped,
# because it stands in the middle of a class too.
_DASHES = "\\-\u2013\u2014\u2015"
SINGLE, DOUBLE = "'\u2018\u2019\u201a\u201b", '"\u201c\u201d\u201e'
_TOKEN = re.compile(
    rf"""(?P<blank>[ \t\u00a0]+)
    | (?P<parameter>[{_DASHES}][A-Za-z]\w*:?)
    | (?P<single>[{SINGLE}](?:[^{SINGLE}\n]|[{SINGLE}]{{2}})*[{SINGLE}])
    | (?P<double>[{DOUBLE}](?:[^{DOUBLE}`$\n]|[{DOUBLE}]{{2}})*[{DOUBLE}])
    | (?P<constant>\$\w+)
    | (?P<sign>@\{{|@\(|[|,;=(){{}}])
    | (?P<word>[^\s|,;=(){{}}@$`&<>#{_DASHES}{SINGLE}{DOUBLE}][^\s|,;=(){{}}$`&<>{SINGLE}{DOUBLE}]*)
    """,
    re.VERBOSE,
)
_CONSTANTS = {"$true": True, "$false": False, "$null": None}


class NotUnderstood(Exception):
    """A line, or a part of it, that is not understood: where, what, and what would be."""

    def __init__(self, column: int, message: str) -> None:
        super().__init__(message)
        self.column = column
        self.message = message


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a line; `value` is what it stands for."""

    kind: Kind
    text: str
    column: int
    value: bool | str | None = None


def tokens_of(line: str) -> list[Token]:
    """Return the line's words and its end; raise NotUnderstood."""
    return [*_tokens(line), Token("end", "", len(line) + 1)]


def _tokens(line: str) -> Iterator[Token]:
    place = 0
    while place < len(line):
        found = _TOKEN.match(line, place)
        if found is None:
            raise NotUnderstood(place + 1, _odd(line, place))
        if found.lastgroup != "blank":
            yield _token(str(found.lastgroup), found[0], place + 1)
        place = found.end()


def _token(group: str, text: str, column: int) -> Token:
    match group:
        case "single":
            return Token("text", text, column, _unquoted(text, SINGLE))
        case "double":
            return Token("text", text, column, _unquoted(text, DOUBLE))
        case "word":
            return Token("word", text, column, text)
        case "constant":
            if text.lower() not in _CONSTANTS:
                known = ", ".join(_CONSTANTS)
                raise NotUnderstood(column, f"{text} is no value here. There are: {known}.")
            return Token("constant", text, column, _CONSTANTS[text.lower()])
        case "parameter":
            return Token("parameter", text, column, text[1:].rstrip(":"))
        case _:
            return Token("sign", text, column)


def _unquoted(text: str, quotes: str) -> str:
    """Return the text between its quotes; a doubled quote stands for one, the second of the two."""
    return re.sub(f"[{quotes}]([{quotes}])", r"\1", text[1:-1])


def _odd(line: str, place: int) -> str:
    letter = line[place]
    if letter in SINGLE:
        return f"The text that begins with {letter} has no end."
    if letter in DOUBLE:
        return f"The text that begins with {letter} has no end, or has a $ or ` in it: use '...'."
    return f"{letter!r} is not understood here."
