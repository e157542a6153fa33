"""The command line `bookwith`: its commands, each imported when it runs and not before."""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True, slots=True)
class Command:
    """A command or a group of commands: `module` has an `app`, a Typer, that holds it."""

    name: str
    module: str
    help: str


OPERATORS = (
    Command(
        "create-topics",
        "services.operations.topics",
        "Create the topics that are missing; those that exist stay as they are, and are compared.",
    ),
    Command("events", "services.operations.events", "Events on Kafka."),
    Command(
        "lag",
        "services.operations.lag",
        "Show how far each consumer group is behind on each topic.",
    ),
    Command(
        "dead-letters", "services.operations.dead_letters", "Records that no consumer could apply."
    ),
    Command(
        "policy",
        "services.operations.policy.commands",
        "Who may have a page: settings, plans, imports, and why.",
    ),
    Command("verify", "services.operations.verify", "Whether what is stored is whole: the audit."),
)
# Commands of the local stack, which adds them itself where it is installed.
LOCAL_STACK = ("up", "down", "status", "token", "doctor")
NOT_INSTALLED = (
    f"{', '.join(LOCAL_STACK)} belong to the local stack, which is not installed here: "
    "`make .venv` in a checkout of the repository installs it, as `.venv/bin/bookwith`."
)


@dataclass(frozen=True, slots=True)
class Installation:
    """What the place where `bookwith` is installed adds to it."""

    commands: Sequence[Command] = ()
    kafka: Callable[[], str | None] = lambda: None
    """Returns the Kafka to read when none is named."""
    namespace: Callable[[], str | None] = lambda: None
    """Returns the namespace that the organizers' ids come from."""
    policy: Callable[[], str | None] = lambda: None
    """Returns the address of the policy service when none is named."""


class Deferred(TyperCommand):
    """A command that is known by its name and its line in the help until it runs."""

    def __init__(self, command: Command) -> None:
        super().__init__(command.name, help=command.help, short_help=command.help)
        self._command = command

    def load(self) -> TyperCommand | TyperGroup:
        """Import the module and return the command itself."""
        module = importlib.import_module(self._command.module)
        loaded = typer.main.get_group(module.app).commands[self._command.name]
        assert isinstance(loaded, TyperCommand | TyperGroup)
        return loaded

    def make_context(self, info_name: str | None, args: list[str], *more: Any, **extra: Any) -> Any:
        """Hand over to the command itself, which reads its own arguments."""
        return self.load().make_context(info_name, args, *more, **extra)


class NotInstalled(TyperCommand):
    """A command of the local stack where that is not installed: it says so."""

    def __init__(self, name: str) -> None:
        super().__init__(name, hidden=True)

    def make_context(self, info_name: str | None, args: list[str], *more: Any, **extra: Any) -> Any:
        """Print where the command is, and end as for a command that does not exist."""
        typer.echo(NOT_INSTALLED, err=True)
        raise typer.Exit(2)


def command_line(installation: Installation) -> TyperGroup:
    """Return `bookwith` as it is in this installation."""
    local = bool(installation.commands)
    app = typer.Typer(
        name="bookwith",
        no_args_is_help=True,
        rich_markup_mode=None,  # Rich takes longer to import than the help to print
        epilog=None if local else NOT_INSTALLED,
    )
    app.callback()(bookwith)
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    for command in (*installation.commands, *OPERATORS):
        group.add_command(Deferred(command))
    if not local:
        for name in LOCAL_STACK:
            group.add_command(NotInstalled(name))
    return group


def bookwith() -> None:
    """Run, watch and repair Bookwith."""


def run(installation: Installation) -> None:
    """Run the command that the arguments name."""
    command_line(installation)(prog_name="bookwith", obj=installation)
