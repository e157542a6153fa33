"""`bookwith up, down, status, token, doctor`: the local stack."""

import os
import signal
import sys
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.table import Table

from deploy.local import children, leftovers, people, secret_values, settings
from deploy.local.sign_in import NoToken, sign_in
from deploy.local.state import StackState, StateFile
from deploy.local.weight import rss_bytes
from services.operations import doctor
from services.operations.output import Exit, Failure, Json, console, failures, show

HOW_TO_START = "`make run` or `bookwith up` starts it."
SHOWN = ("name", "role", "pid", "url", "state", "restarts")

app = typer.Typer()


@app.command()
def up() -> None:
    """Start the local stack and stay until Ctrl-C."""
    os.chdir(settings.ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "deploy.local"])  # noqa: S606 # no shell is meant


@app.command()
def down(*, as_json: Json = False) -> None:
    """Stop the local stack; what it holds is kept."""
    with failures(as_json=as_json):
        state = _state()
        before = leftovers.left_behind(state)
        if supervisor := state.supervisor():
            children.end({supervisor: signal.SIGTERM}, leftovers.STOP_SECONDS)
        children.end(before)  # nothing is left of it, unless the supervisor was gone already
        data = {"ended": [part.name for part in state.parts if part.pid]}
        show(data, as_json=as_json, words=lambda: f"Stopped: {', '.join(data['ended'])}.")


@app.command()
def status(*, as_json: Json = False) -> None:
    """Show the parts of the local stack, what they weigh and how often they were restarted."""
    with failures(as_json=as_json):
        state = _state()
        parts = [
            {name: value for name, value in asdict(part).items() if name in SHOWN}
            | {"rss_bytes": rss_bytes(part)}
            for part in state.parts
        ]
        data = {
            "state": state.state if state.supervisor() else "supervisor gone",
            "state_dir": str(settings.state_dir()),
            "rss_bytes": sum(part["rss_bytes"] or 0 for part in parts),
            "parts": parts,
        }
        show(data, as_json=as_json, words=lambda: _table(data))


@app.command()
def token(
    user: Annotated[str, typer.Argument(help="anna, bo, organizer-<n>, ada or otto")],
    *,
    as_json: Json = False,
) -> None:
    """Print a bearer token of a demo user."""
    with failures(as_json=as_json):
        if people.claims(user) is None:
            names = ", ".join(people.SIGN_IN_NAMES)
            raise Failure(
                Exit.NOT_FOUND, f"There is no {user} here.", f"Try {names} or organizer-1."
            )
        issuer = _issuer(_state())
        try:
            made = sign_in(issuer, user)
        except NoToken as error:
            raise Failure(Exit.UNAVAILABLE, str(error), HOW_TO_START) from error
        namespace = secret_values.read_or_make(settings.state_dir()).organization_namespace
        data = {
            "token": made.token,
            "expires_at": made.expires_at.isoformat().replace("+00:00", "Z"),
            "organizer_id": secret_values.organizer_id(namespace, user),
        }
        # Bare, so that a shell can put it into a header.
        show(data, as_json=as_json, words=lambda: data["token"])


@app.command(name="doctor")
def examine(*, as_json: Json = False) -> None:
    """Look for what is wrong with the local stack, and say what to type next."""
    with failures(as_json=as_json):
        findings = doctor.findings()
        if bad := [each for each in findings if not each.good]:
            for each in findings if not as_json else ():
                console.print(doctor.line(each))
            raise Failure(
                Exit.FAILED,
                "; ".join(f"{each.what}: {each.found}" for each in bad),
                "; ".join(each.remedy for each in bad),
            )
        data = [asdict(each) for each in findings]
        words = "\n".join(doctor.line(each) for each in findings)
        show(data, as_json=as_json, words=lambda: words)


def _state() -> StackState:
    state = StateFile(settings.state_dir()).read()
    if state is None or (state.supervisor() is None and not leftovers.left_behind(state)):
        where = settings.state_dir()
        raise Failure(Exit.UNAVAILABLE, f"No stack runs in {where}.", HOW_TO_START)
    return state


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


def _table(data: dict[str, Any]) -> Table:
    table = Table(
        title=f"{data['state']}, {data['state_dir']}",
        caption=f"{_megabytes(data['rss_bytes'])} resident in all",
    )
    for heading in ("part", "role", "pid", "state", "restarts", "memory", "address"):
        right = heading in ("pid", "restarts", "memory")
        table.add_column(heading, justify="right" if right else "left", overflow="fold")
    for part in data["parts"]:
        table.add_row(
            part["name"],
            part["role"],
            str(part["pid"] or ""),
            part["state"],
            str(part["restarts"]),
            _megabytes(part["rss_bytes"]),
            part["url"] or "",
        )
    return table


def _megabytes(count: int | None) -> str:
    return "" if count is None else f"{count / 1_000_000:.0f} MB"
