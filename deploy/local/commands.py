"""`bookwith up, down, status, token, doctor`: the commands of the local stack."""

import os
import signal
from dataclasses import asdict, dataclass
from typing import Annotated, Literal
from urllib.parse import urlsplit

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from deploy.local import doctor, processes, settings
from deploy.local.people import SIGN_IN_NAMES, NoToken, claims, sign_in
from deploy.local.stack import StackFailed, SupervisorProcess
from deploy.local.state import STOP_TIMEOUT_SECONDS, PartState, StackState, StateFile
from services.operations.output import Exit, Failure, Json, console, failures, show

HOW_TO_START = "`make run` or `bookwith up` starts it."

app = typer.Typer(rich_markup_mode=None)


@dataclass(frozen=True, slots=True)
class PartReport:
    """What `status` prints of a part."""

    name: str
    role: str
    url: str | None
    pid: int | None
    state: str
    restarts: int
    rss_bytes: int | None


@dataclass(frozen=True, slots=True)
class StackReport:
    """What `status` prints."""

    state: str
    state_dir: str
    rss_bytes: int
    parts: list[PartReport]


@app.command()
def up(*, as_json: Json = False) -> None:
    """Start the local stack in the background."""
    with failures(as_json=as_json):
        state = _read_state()
        if state is None or state.supervisor() is None:
            _start_in_background(quiet=as_json)
        elif state.state != "running":
            message = f"A stack is {state.state} in {settings.state_dir()}."
            raise Failure(Exit.REFUSED, message, "`bookwith status` shows it.")
        elif not as_json:
            console.print("The stack runs already; `bookwith status` shows it.")
        if as_json:
            data = asdict(_report(_state()))
            show(data, as_json=True, text=str)


@app.command()
def down(*, as_json: Json = False) -> None:
    """Stop the local stack; what it holds is kept."""
    with failures(as_json=as_json):
        state = _state()
        parts = state.left_behind()
        if supervisor := state.supervisor():
            processes.end({supervisor: signal.SIGTERM}, STOP_TIMEOUT_SECONDS)
        processes.end(parts)  # does nothing, unless the supervisor had been killed before
        names = [part.name for part in state.parts if part.pid]
        show({"ended": names}, as_json=as_json, text=lambda: f"Stopped: {', '.join(names)}.")


@app.command()
def status(*, as_json: Json = False) -> None:
    """Show the parts of the local stack, their memory and how often they were restarted."""
    with failures(as_json=as_json):
        report = _report(_state())
        show(asdict(report), as_json=as_json, text=lambda: _table(report))


@app.command()
def token(
    user: Annotated[str, typer.Argument(help="anna, bo, organizer-<n>, ada or otto")],
    *,
    as_json: Json = False,
) -> None:
    """Print a bearer token of a demo user."""
    with failures(as_json=as_json):
        if claims(user) is None:
            names = ", ".join(SIGN_IN_NAMES)
            raise Failure(
                Exit.NOT_FOUND, f"There is no {user} here.", f"Try {names} or organizer-1."
            )
        issuer = _issuer(_state())
        try:
            made = sign_in(issuer, user)
        except NoToken as error:
            raise Failure(Exit.UNAVAILABLE, str(error), HOW_TO_START) from error
        namespace = settings.secret_values(settings.state_dir()).organization_namespace
        data = {
            "token": made.token,
            "expires_at": made.expires_at.isoformat().replace("+00:00", "Z"),
            "organizer_id": settings.organizer_id(namespace, user),
        }
        if as_json:
            show(data, as_json=True, text=str)
        else:
            print(made.token)  # on one line, so that a shell can put it into a header


@app.command(name="doctor")
def examine(*, as_json: Json = False) -> None:
    """Look for what is wrong with the local stack, and say what to type next."""
    with failures(as_json=as_json):
        findings = doctor.findings()
        wrong = [each for each in findings if not each.good]
        if wrong and as_json:
            raise Failure(
                Exit.FAILED,
                "; ".join(f"{each.what}: {each.found}" for each in wrong),
                "; ".join(each.remedy for each in wrong),
            )
        if as_json:
            show([asdict(each) for each in findings], as_json=True, text=str)
        for each in [] if as_json else findings:
            # In whole lines: what is to be typed must not be broken.
            console.print(doctor.line(each), highlight=False, soft_wrap=True)
        if wrong:
            raise typer.Exit(Exit.FAILED)


def _read_state() -> StackState | None:
    return StateFile(settings.state_dir()).read()


def _state() -> StackState:
    """Return the state of the stack that runs, or of one whose supervisor was killed."""
    state = _read_state()
    if state is None or (state.supervisor() is None and not state.left_behind()):
        where = settings.state_dir()
        raise Failure(Exit.UNAVAILABLE, f"No stack runs in {where}.", HOW_TO_START)
    return state


def _start_in_background(*, quiet: bool) -> None:
    supervisor = SupervisorProcess(settings.state_dir(), ("--background",), os.environ)
    try:
        supervisor.wait_until_running(_ignore if quiet else _print)
    except StackFailed as error:
        # Without --json it has been printed already.
        message = str(error) if quiet else "The stack did not start."
        raise Failure(Exit.FAILED, message, "`bookwith doctor` looks for the cause.") from error


def _print(line: str) -> None:
    print(line, flush=True)


def _ignore(line: str) -> None:
    """Print nothing: with --json the state is printed at the end."""


def _issuer(state: StackState) -> str:
    for part in state.parts:
        if part.role == "oidc" and part.state == "external":
            raise Failure(
                Exit.REFUSED,
                f"The OpenID provider is your own ({part.url}): only it can sign people in.",
            )
        if part.role == "oidc" and part.url:
            return part.url
    raise Failure(Exit.UNAVAILABLE, "The stack has no OpenID provider yet.", HOW_TO_START)


def _report(state: StackState) -> StackReport:
    parts = [_part_report(part) for part in state.parts]
    return StackReport(
        state=state.state if state.supervisor() else "supervisor gone",
        state_dir=str(settings.state_dir()),
        rss_bytes=sum(part.rss_bytes or 0 for part in parts),
        parts=parts,
    )


def _part_report(part: PartState) -> PartReport:
    return PartReport(
        name=part.name,
        role=part.role,
        url=part.url,
        pid=part.pid,
        state=part.state,
        restarts=part.restarts,
        rss_bytes=part.rss_bytes(),
    )


def _table(report: StackReport) -> Group:
    """Return the parts on lines of 80 columns at most; --json has the whole of each."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("part", "state", "pid", "restarts", "memory", "address"):
        right = heading in ("pid", "restarts", "memory")
        justify: Literal["left", "right"] = "right" if right else "left"
        table.add_column(heading, justify=justify, no_wrap=True, overflow="ellipsis")
    for part in report.parts:
        table.add_row(
            part.name,
            part.state,
            str(part.pid or ""),
            str(part.restarts),
            _megabytes(part.rss_bytes),
            _short(part.url),
        )
    return Group(
        Text(f"{report.state}, {report.state_dir}", overflow="fold"),
        table,
        Text(f"{_megabytes(report.rss_bytes)} resident in all"),
    )


def _short(url: str | None) -> str:
    """Return a database's or broker's address without the rest of its URL."""
    if url is None or url.startswith("http"):
        return url or ""
    return urlsplit(url).netloc.rpartition("@")[2] or url


def _megabytes(count: int | None) -> str:
    return "" if count is None else f"{count / 1_000_000:.0f} MB"
