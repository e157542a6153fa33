"""docs/administrators.md: its commands run in their order, and print what the page says."""

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.component.policy.command_line import Shell, policy_service
from tests.component.policy.test_powershell_lines import LINES
from tests.component.provider import Provider
from tests.running_service import ROOT
from tests.walkthrough import steps_of, without_passing

PAGE = ROOT / "docs" / "administrators.md"
STEPS = list(steps_of(PAGE.read_text("utf-8")))


@pytest.fixture
def new_organization(
    database_url_factory: Callable[[str], str],
    kafka_bootstrap: str,
    sign_in: Provider,
    tmp_path: Path,
) -> Iterator[Shell]:
    url = database_url_factory("policy_of_the_page")
    with policy_service(url, kafka_bootstrap, sign_in, tmp_path) as address:
        yield Shell(address, sign_in, tmp_path)


def test_the_page_leads_through_every_line_of_the_document() -> None:
    run = {shlex.split(step.command)[3] for step in STEPS if "powershell" in step.command}

    assert [] == [line for line in LINES if line not in run]


def test_the_commands_of_the_page_print_what_it_says(
    new_organization: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    found, said, plan = [], [], ""
    for step in STEPS:
        if step.file:
            (tmp_path / "users.csv").write_text(step.file, "utf-8")
        if not step.command.startswith("bookwith policy "):
            continue
        command = re.sub(r"apply \d+", f"apply {plan}", step.command)
        done = new_organization.policy(*shlex.split(command)[2:])
        if planned := re.match(r"Plan (\d+)", done.out):
            plan = planned[1]
        found.append(f"{step.command}\n{without_passing(done.out + done.err)}")
        said.append(f"{step.command}\n{without_passing(step.output)}")

    assert said == found
    assert 30 < len(found)
