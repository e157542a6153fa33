"""Run the local stack until asked to stop: `python -m deploy.local`, which is `make run`."""

import argparse
import os
import signal
import sys
import time
from types import FrameType
from typing import NoReturn

from deploy.local import addresses, plan
from deploy.local.addresses import Addresses
from deploy.local.kafka.broker import NoJava
from deploy.local.machine import Missing
from deploy.local.pinned_jars import NoJars
from deploy.local.postgres import NoUnprivilegedUser
from deploy.local.processes import last_lines
from deploy.local.settings import (
    FOUNDATION,
    StackSettings,
    WrongSetting,
    all_services,
    from_environment,
)
from deploy.local.state import AlreadyRuns, take_over
from deploy.local.supervisor import StartFailed, StopRequested, Supervisor

CANNOT_START = (AlreadyRuns, Missing, NoJava, NoUnprivilegedUser, NoJars, WrongSetting)
PAGES = (
    ("booking", "organizers' pages", "/organizer"),
    ("policy", "administrators' page", "/admin"),
)
SIGN_IN_NAMES = (
    ("anna, bo, organizer-1, organizer-2, ...", "organizers"),
    ("ada", "administrator"),
    ("otto", "operator"),
)


def main() -> int:
    """Start the stack, stay until asked to stop, and return the exit code."""
    arguments = _arguments()
    os.umask(0o077)  # what the stack keeps is its owner's alone; the parts inherit this
    # Until the supervisor listens itself, a signal in the middle of a download ends it too.
    signal.signal(signal.SIGTERM, _exit)
    try:
        settings = from_environment(
            foundation=_words(arguments.parts),
            services=_words(arguments.services),
            seed=arguments.seed,
            throw_away=arguments.throw_away,
        )
        return _run(settings, arguments)
    except CANNOT_START as error:
        say(f"The stack cannot start: {error}")
        return 1
    except KeyboardInterrupt:
        return 130


def say(line: str) -> None:
    """Print a line of progress at once, also into a pipe."""
    print(line, flush=True)


def _run(settings: StackSettings, arguments: argparse.Namespace) -> int:
    began = time.monotonic()
    say(f"Bookwith's local stack, state in {settings.state_dir}")
    lock = take_over(settings.state_dir, say)  # held until this process ends
    where = addresses.choose(settings)
    if taken := addresses.taken(settings, where):
        say("\n".join(["Nothing was started:", *taken, "BOOKWITH_PORT_OFFSET=100 moves all."]))
        return 1
    steps = plan.make(settings, where, say)
    supervisor = Supervisor(
        settings,
        where,
        say,
        # In the background it must outlive the command that started it.
        parent=os.getpid() if arguments.background else os.getppid(),
        end_with_parent=arguments.with_parent,
    )
    supervisor.listen_to_signals()
    try:
        supervisor.start(steps)
        seeded = last_lines(supervisor.log_of("seed"))
        stop = "`bookwith down`" if arguments.background else "Ctrl-C"
        say(_overview(settings, where, time.monotonic() - began, seeded, stop))
        supervisor.watch()
    except StopRequested:
        say("stopping")
    except StartFailed as error:
        say(f"\n{error}\n")
        return 1
    finally:
        supervisor.stop()
        say("stopped; the state is kept")
        del lock
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    parser.add_argument("--parts", default=",".join(FOUNDATION), help="of the foundation")
    parser.add_argument("--services", default=",".join(all_services()), help="of Bookwith")
    parser.add_argument("--no-seed", dest="seed", action="store_false")
    parser.add_argument("--throw-away", action="store_true", help="the state is not used again")
    starter = parser.add_mutually_exclusive_group()
    starter.add_argument("--with-parent", action="store_true", help="end when the starter ends")
    starter.add_argument("--background", action="store_true", help="outlive the starter")
    return parser.parse_args()


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def _exit(signum: int, frame: FrameType | None) -> NoReturn:
    sys.exit(128 + signum)


def _overview(
    settings: StackSettings, where: Addresses, seconds: float, seeded: str, stop: str
) -> str:
    """Return where everything is, and as whom to sign in; `seeded` is the demo organization."""
    lines = ["", f"Everything is up after {seconds:.1f} s.", ""]
    lines += [f"  {line}" for line in seeded.splitlines()] + ([""] if seeded else [])
    lines += [f"  {what:<26} {url}" for what, url in _rows(settings, where)]
    if settings.services:
        lines += ["", "  Sign in (no password) as"]
        lines += [f"    {names:<40} {role}" for names, role in SIGN_IN_NAMES]
        lines += ["", "  .venv/bin/bookwith token anna     prints a bearer token for the API"]
    return "\n".join([*lines, "", f"{stop} stops everything; the bookings are kept."])


def _rows(settings: StackSettings, where: Addresses) -> list[tuple[str, str]]:
    pages = [
        (what, f"{where.url(service)}{path}")
        for service, what, path in PAGES
        if service in settings.services
    ]
    services = [(f"{name}, its API", f"{where.url(name)}/docs") for name in settings.services]
    foundation = {
        "postgres": ("PostgreSQL", where.database_url("booking")),
        "kafka": ("Kafka", where.kafka),
        "inbox": ("mail inbox", where.url("inbox")),
        "oidc": ("OpenID provider", where.oidc_url),
    }
    parts = [foundation[part] for part in settings.foundation if settings.starts(part)]
    return pages + services + parts


if __name__ == "__main__":
    sys.exit(main())
