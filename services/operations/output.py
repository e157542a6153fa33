"""What a command prints: one JSON envelope with `--json`, text and tables without; exit codes."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import IntEnum
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

Json = Annotated[bool, typer.Option("--json", help="One document {ok, data, error}.")]

console = Console()
error_console = Console(stderr=True)


class Exit(IntEnum):
    """The exit codes."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    REFUSED = 4
    UNAVAILABLE = 5
    NOT_CONFIRMED = 6
    """It warns of something, and `--yes` was not given; nothing has been done."""


class Failure(Exception):
    """A command that could not do what was asked; says why, and what to type next."""

    def __init__(
        self, code: Exit, message: str, hint: str = "", data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.data = data or {}


def show(data: object, *, as_json: bool, text: Callable[[], Any]) -> None:
    """Print the data as the envelope, or as text: a string or anything that Rich can draw."""
    if as_json:
        print_data(data)
    else:
        console.print(text())


@contextmanager
def failures(*, as_json: bool) -> Iterator[None]:
    """Print a failure in the form that was asked for, and end with its exit code."""
    try:
        yield
    except Failure as failure:
        _fail(failure, as_json=as_json)


def print_data(data: object) -> None:
    """Print the data in its envelope, on one line."""
    _print_envelope({"ok": True, "data": data, "error": None})


def _fail(failure: Failure, *, as_json: bool) -> NoReturn:
    if as_json:
        error: dict[str, Any] = {"code": failure.code.name.lower(), "message": failure.message}
        if failure.hint:
            error["hint"] = failure.hint
        error |= failure.data
        _print_envelope({"ok": False, "data": None, "error": error})
    else:
        # As it is and in whole lines: what is to be typed must not be broken, and is no markup.
        for text, style in ((failure.message, "red"), (failure.hint, None)):
            if text:
                error_console.print(
                    text, style=style, highlight=False, markup=False, soft_wrap=True
                )
    raise typer.Exit(failure.code)


def _print_envelope(envelope: dict[str, object]) -> None:
    print(json.dumps(envelope, default=str))
