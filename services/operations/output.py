"""What every command prints: one envelope with `--json`, words and tables without; exit codes."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

Json = Annotated[bool, typer.Option("--json", help="One document {ok, data, error}.")]

console = Console()
complaints = Console(stderr=True)


class Exit(IntEnum):
    """The exit codes."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    REFUSED = 4
    UNAVAILABLE = 5


class Failure(Exception):
    """A command that could not do what was asked; says why, and what to type next."""

    def __init__(self, code: Exit, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


def show(data: Any, *, as_json: bool, words: Callable[[], Any]) -> None:
    """Print the data as the envelope, or as words: a string or anything that Rich can draw."""
    if as_json:
        print_envelope({"ok": True, "data": data, "error": None})
    else:
        console.print(words())


@contextmanager
def failures(*, as_json: bool) -> Iterator[None]:
    """Print a failure in the form that was asked for, and end with its exit code."""
    try:
        yield
    except Failure as failure:
        _fail(failure, as_json=as_json)


def print_envelope(envelope: dict[str, Any]) -> None:
    """Print one JSON document on one line."""
    print(json.dumps(envelope, default=str))


def _fail(failure: Failure, *, as_json: bool) -> NoReturn:
    if as_json:
        error = {"code": failure.code.name.lower(), "message": failure.message}
        if failure.hint:
            error["hint"] = failure.hint
        print_envelope({"ok": False, "data": None, "error": error})
    else:
        complaints.print(f"[red]{failure.message}[/red]", highlight=False)
        if failure.hint:
            complaints.print(failure.hint, highlight=False)
    raise typer.Exit(failure.code)
