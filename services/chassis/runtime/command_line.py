"""A service's command line: `migrate` and `rebuild` its database, `serve`, `refused` messages."""

import argparse
import asyncio
import gc
import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import structlog
import uvloop

from services.chassis.runtime.settings import Settings, load
from services.chassis.runtime.shown_settings import shown_settings

if TYPE_CHECKING:
    from services.chassis.runtime.process import Process

log = structlog.get_logger(__name__)

ROLES = ("http", "relay", "consumers", "timers")

# What libraries take along where they find it: structlog rich, for a terminal, SQLAlchemy greenlet,
# for its own asyncio. 7 MB that no service has a use for.
_UNNEEDED = ("rich", "greenlet")

# So many more objects made than freed begin a collection of the newest; Python's own are 700.
NEW_OBJECTS = 20_000

AnySettings = TypeVar("AnySettings", bound=Settings)


def main(service: str, settings_kind: type[AnySettings]) -> None:
    """Run the command that the arguments name; `build` in the service's `app.py` assembles it."""
    parser = argparse.ArgumentParser(prog=f"python -m services.{service}")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the database to the newest schema")
    serving = commands.add_parser("serve", help="run the service")
    serving.add_argument(
        "--roles", default=",".join(ROLES), help=f"comma-separated, of {', '.join(ROLES)}"
    )
    refused = commands.add_parser("refused", help="list the messages that Kafka refused")
    refused.add_argument("--put-back", action="store_true", help="let them be sent again")
    rebuilding = commands.add_parser("rebuild", help="make the read models again")
    rebuilding.add_argument("--dry-run", action="store_true", help="only say what would change")
    rebuilding.add_argument(
        "--log-only", action="store_true", help="leave what comes from topics as it is"
    )
    arguments = parser.parse_args()
    settings = load(settings_kind)
    if arguments.command == "migrate":
        # Imported here: a serving process does not pay for Alembic.
        from services.chassis.postgres.migrations import migrate  # noqa: PLC0415

        package = importlib.import_module(f"services.{service}")
        migrate(settings.database_url, Path(package.__path__[0]) / "migrations")
        return
    if arguments.command == "refused":
        from services.chassis.runtime.assembly import print_refused  # noqa: PLC0415

        asyncio.run(print_refused(settings.database_url, put_back=arguments.put_back))
        return
    if arguments.command == "rebuild":
        from services.chassis.runtime.rebuilding import run_rebuild  # noqa: PLC0415

        models = importlib.import_module(f"services.{service}.read_models").MODELS
        how = {"dry_run": arguments.dry_run, "log_only": arguments.log_only}
        sys.exit(asyncio.run(run_rebuild(service, settings, models, **how)))
    roles = frozenset(arguments.roles.split(","))
    if unknown := roles - set(ROLES):
        parser.error(f"unknown roles: {', '.join(sorted(unknown))}")
    for unneeded in _UNNEEDED:
        sys.modules[unneeded] = None  # type: ignore[assignment] # Python's own sign for "not there"
    build = importlib.import_module(f"services.{service}.app").build  # not paid by `migrate`
    uvloop.run(serve(build, settings, roles))


async def serve(
    build: "Callable[[AnySettings, frozenset[str]], Process]",
    settings: AnySettings,
    roles: frozenset[str],
) -> None:
    """Run the process that is built, and end with its exit code."""
    # Imported here: `migrate` does not pay for the metrics.
    from services.chassis.runtime.first_samples import installed_version  # noqa: PLC0415
    from services.chassis.runtime.unknown_settings import unknown_settings  # noqa: PLC0415

    try:
        process = build(settings, roles)
        log.info(
            "starting",
            version=installed_version(),
            roles=sorted(roles),
            settings=shown_settings(settings),
        )
        if unknown := unknown_settings(os.environ):
            log.warning("settings_unknown", names=unknown)
        collect_rarely()
        code = await process.serve()
    except Exception:
        log.exception("start_failed")
        code = 1
    # All is closed. A thread that waits for a name server, or a task that a library shields,
    # would keep the process.
    sys.stdout.flush()
    os._exit(code)


def collect_rarely() -> None:
    """Let the collector look at new objects seldom, and never again at what the start has built.

    Nearly all that a request makes is freed by its reference counts: with Python's own threshold
    nearly every request would pay for a collection that finds nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
