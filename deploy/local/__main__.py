"""Run the local stack in the foreground: `python -m deploy.local`, which is `make run`."""

import argparse
import signal
import sys
import time
from types import FrameType
from typing import NoReturn

from deploy.local import addresses, children, plan, watching
from deploy.local.kafka.jars import NoJars
from deploy.local.kafka.java import NoJava
from deploy.local.leftovers import AlreadyRuns, take_over
from deploy.local.machine import Missing
from deploy.local.postgres import NoUnprivilegedUser
from deploy.local.run import Run, StopAsked
from deploy.local.settings import (
    FOUNDATION,
    StackSettings,
    WrongSetting,
    all_services,
    from_environment,
)
from deploy.local.starting import StartFailed, Starting
from deploy.local.state import StateFile
from deploy.local.welcome import welcome

CANNOT_START = (
    AlreadyRuns,
    Missing,
    NoJava,
    NoUnprivilegedUser,
    NoJars,
    WrongSetting,
)


def say(line: str) -> None:
    """Print a line of progress at once, also into a pipe."""
    print(line, flush=True)


def main() -> int:
    """Start the stack, stay until asked to stop, and return the exit code."""
    arguments = _arguments()
    # Until the run listens itself, an end in the middle of a download ends the download too.
    signal.signal(signal.SIGTERM, _leave)
    try:
        settings = from_environment(
            foundation=_words(arguments.parts),
            services=_words(arguments.services),
            seed=arguments.seed,
            throw_away=arguments.throw_away,
        )
        return _run(settings, with_parent=arguments.with_parent)
    except CANNOT_START as error:
        say(f"The stack cannot start: {error}")
        return 1
    except KeyboardInterrupt:
        return 130


def _run(settings: StackSettings, *, with_parent: bool) -> int:
    began = time.monotonic()
    say(f"Bookwith's local stack, state in {settings.state_dir}")
    lock = take_over(settings.state_dir, say)  # held until this process ends
    where = addresses.choose(settings)
    if taken := addresses.taken(settings, where):
        say("\n".join(["Nothing was started:", *taken, "BOOKWITH_PORT_OFFSET=100 moves all."]))
        return 1
    steps = plan.make(settings, where, say)
    run = Run(settings, where, StateFile(settings.state_dir), say, with_parent=with_parent)
    run.listen_to_signals()
    try:
        Starting(run, steps).all()
        run.write("running")
        seeded = children.last_lines(run.log_of("seed"))
        say(welcome(settings, where, time.monotonic() - began, seeded))
        watching.watch(run)
    except StopAsked:
        say("stopping")
    except StartFailed as error:
        say(f"\n{error}\n")
        return 1
    finally:
        watching.stop(run)
        say("stopped; the state is kept")
        del lock
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    parser.add_argument("--parts", default=",".join(FOUNDATION), help="of the foundation")
    parser.add_argument("--services", default=",".join(all_services()), help="of Bookwith")
    parser.add_argument("--no-seed", dest="seed", action="store_false")
    parser.add_argument("--throw-away", action="store_true", help="the state is not used again")
    parser.add_argument("--with-parent", action="store_true", help="end when the starter ends")
    return parser.parse_args()


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def _leave(signum: int, frame: FrameType | None) -> NoReturn:
    sys.exit(128 + signum)


if __name__ == "__main__":
    sys.exit(main())
