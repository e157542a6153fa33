"""`bookwith` as one command line: what it offers where, and what its help imports."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.core import TyperCommand, TyperGroup

from deploy.local import bookwith
from services.operations import command_line
from services.operations.command_line import Command, Deferred, Installation

ROOT = Path(__file__).parents[3]
COMMANDS = (*bookwith.LOCAL_STACK, *command_line.OPERATORS)
# Each of them takes longer to import than the help to print.
SLOW = {"aiokafka", "asyncio", "contracts", "httpx", "psutil", "pydantic", "rich", "sqlalchemy"}
PRINT_MODULES = """
import json, sys
from {module} import main
sys.argv = ["bookwith", "--help"]
try:
    main()
except SystemExit:
    print(json.dumps(sorted(sys.modules)))
"""


def run(module: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def listed(help_text: str) -> list[str]:
    commands = help_text.partition("Commands:\n")[2].partition("\n\n")[0]
    return re.findall(r"(?m)^  ([a-z-]+) ", commands)


@pytest.mark.parametrize("module", ["deploy.local.bookwith", "services.operations.__main__"])
def test_the_help_imports_only_what_it_needs(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PRINT_MODULES.format(module=module)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    imported = set(json.loads(done.stdout.splitlines()[-1]))

    assert "typer" in imported
    assert set() == {name.partition(".")[0] for name in imported} & SLOW


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_command_is_the_one_that_the_help_announces(command: Command) -> None:
    loaded = Deferred(command).load()

    assert isinstance(loaded, TyperCommand | TyperGroup)
    assert (command.name, command.help) == (loaded.name, (loaded.help or "").strip())


def test_a_checkout_has_the_commands_of_the_local_stack_and_of_operators() -> None:
    done = run("deploy.local.bookwith", "--help")

    assert done.returncode == 0
    assert [each.name for each in COMMANDS] == listed(done.stdout)


def test_where_the_local_stack_is_not_installed_its_commands_say_so() -> None:
    shown = run("services.operations", "--help")
    asked = run("services.operations", "status", "--json")

    assert shown.returncode == 0
    assert [each.name for each in command_line.OPERATORS] == listed(shown.stdout)
    assert "not installed here" in " ".join(shown.stdout.split())
    assert (2, command_line.NOT_INSTALLED) == (asked.returncode, asked.stderr.strip())
    assert run("services.operations", "lag", "--help").returncode == 0
    assert command_line.LOCAL_STACK == tuple(each.name for each in bookwith.LOCAL_STACK)


def test_an_unknown_command_is_a_wrong_use() -> None:
    done = run("deploy.local.bookwith", "statuz")

    assert done.returncode == 2
    assert "Did you mean 'status'?" in done.stderr


def test_the_shell_can_complete_the_options_of_a_command() -> None:
    group = command_line.command_line(Installation(bookwith.LOCAL_STACK))
    context = group.commands["lag"].make_context("lag", [], resilient_parsing=True)

    assert "--bootstrap-servers" in [name for each in context.command.params for name in each.opts]
