"""A service's command line: `migrate` its database, `serve` in roles, `refused` messages."""

import argparse
import asyncio
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import uvloop

from services.chassis.runtime.settings import Settings, load

if TYPE_CHECKING:
    from services.chassis.runtime.process import Process

ROLES = ("http", "relay", "consumers", "timers")

# What libraries take along where they find it: structlog rich, for a terminal, SQLAlchemy greenlet,
# for its own asyncio. 7 MB that no service has a use for.
_UNNEEDED = ("rich", "greenlet")

AnySettings = TypeVar("AnySettings", bound=Settings)


def main(service: str, settings_kind: type[AnySettings]) -> None:
    """Run the command that the arguments name; `build` in the service's `app.py` assembles it."""
    parser = argparse.ArgumentParser(prog=f"python -m services.{service}")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the database to the newest schema")
    serve = commands.add_parser("serve", help="run the service")
    serve.add_argument(
        "--roles", default=",".join(ROLES), help=f"comma-separated, of {', '.join(ROLES)}"
    )
    refused = commands.add_parser("refused", help="list the messages that Kafka refused")
    refused.add_argument("--put-back", action="store_true", help="let them be sent again")
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
    roles = frozenset(arguments.roles.split(","))
    if unknown := roles - set(ROLES):
        parser.error(f"unknown roles: {', '.join(sorted(unknown))}")
    for unneeded in _UNNEEDED:
        sys.modules[unneeded] = None  # type: ignore[assignment] # Python's own sign for "not there"
    build = importlib.import_module(f"services.{service}.app").build  # not paid by `migrate`
    uvloop.run(_serve(build, settings, roles))


async def _serve(
    build: "Callable[[AnySettings, frozenset[str]], Process]",
    settings: AnySettings,
    roles: frozenset[str],
) -> None:
    await build(settings, roles).serve()
