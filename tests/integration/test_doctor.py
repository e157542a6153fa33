"""`bookwith doctor` on a stack that is broken in one place: the cause, once, and what to type."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from contracts.topics import AVAILABILITY_EVENTS
from deploy.local.settings import ROOT
from deploy.local.stack import LocalStack
from deploy.local.state import StateFile


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """The foundation and two services that need both of its servers."""
    folder = tmp_path_factory.mktemp("doctor") / "state"
    with LocalStack(folder, services=("policy", "notifier"), instances=2) as started:
        # A group that is being joined is reported, too; each member that joins moves the others.
        until(lambda: not any(wrong(started) for _ in range(4)))
        yield started


def run(stack: LocalStack, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.local.bookwith", *words],
        cwd=ROOT,
        env={**os.environ, "BOOKWITH_STATE_DIR": str(stack.state_dir)},
        capture_output=True,
        text=True,
        check=False,
    )


def wrong(stack: LocalStack) -> list[str]:
    """Return the lines about what is wrong, each with its remedy."""
    lines = run(stack, "doctor").stdout.replace("\n     ", " => ").splitlines()
    return [line for line in lines if line.startswith("no ")]


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_healthy_stack_has_no_wrong_line_and_one_for_each_service(stack: LocalStack) -> None:
    done = run(stack, "doctor")
    lines = done.stdout.splitlines()

    assert (done.returncode, wrong(stack)) == (0, [])
    assert len(set(lines)) == len(lines)
    assert ["ok   policy: ready"] == [line for line in lines if "policy" in line]
    assert "ok   sign-in: oidc takes the client bookwith" in lines


async def test_a_topic_that_is_missing_is_named_once(stack: LocalStack) -> None:
    client = AIOKafkaAdminClient(bootstrap_servers=stack.kafka)
    await client.start()
    await client.delete_topics([AVAILABILITY_EVENTS])
    found = wrong(stack)
    await client.close()
    remedy = found[0].partition("=> bookwith ")[2].split()
    made = run(stack, *remedy)

    assert found[0].startswith(f"no   topics: {AVAILABILITY_EVENTS} is missing")
    assert len(found) == 1
    assert made.returncode == 0
    assert "topics: as the contracts say" in run(stack, "doctor").stdout


@pytest.mark.parametrize("part", ["postgres", "kafka"])
def test_a_server_that_is_stopped_is_the_one_cause(stack: LocalStack, part: str) -> None:
    pid = stack.kill(part, signal.SIGSTOP)
    try:
        until(lambda: wrong(stack) != [])
        found = wrong(stack)
    finally:
        os.kill(pid, signal.SIGCONT)
    until(lambda: wrong(stack) == [])

    [line] = found
    assert line.startswith(f"no   {part}: its process {pid} is stopped")
    assert line.endswith(f"=> kill -CONT {pid}")


@pytest.mark.parametrize("part", ["postgres", "kafka"])
def test_a_server_that_is_down_is_the_one_cause(stack: LocalStack, part: str) -> None:
    stack.hold(part)
    try:
        until(lambda: "policy, notifier wait for it" in "".join(wrong(stack)))
        found = wrong(stack)
    finally:
        stack.release(part)
    until(lambda: wrong(stack) == [])

    [line] = found
    assert line.startswith(f"no   {part}: restarting after it ended (killed by SIGKILL)")
    assert f"=> Read {stack.parts()[part].log}" in line


def test_a_service_that_was_killed_says_so(stack: LocalStack) -> None:
    stack.hold("policy-1")
    found = wrong(stack)
    stack.release("policy-1")
    until(lambda: wrong(stack) == [])

    [line] = found
    assert line.startswith("no   policy-1: restarting after it ended (killed by SIGKILL)")
    assert "policy-1 running after it ended (killed by SIGKILL)" in run(stack, "doctor").stdout


def test_a_wrong_finding_is_a_document_with_remedies_too(stack: LocalStack) -> None:
    stack.hold("inbox")
    done = run(stack, "doctor", "--json")
    stack.release("inbox")
    until(lambda: wrong(stack) == [])
    document = json.loads(done.stdout)

    assert (done.returncode, document["ok"]) == (1, False)
    assert "inbox: restarting" in document["error"]["message"]
    assert "inbox.log" in document["error"]["hint"]


def test_status_fits_80_columns_and_splits_no_word(stack: LocalStack) -> None:
    lines = run(stack, "status").stdout.splitlines()
    table = [line for line in lines if "running" in line and str(stack.state_dir) not in line]
    parts = [line.split()[0] for line in table]

    assert max(len(line) for line in table) <= 80
    assert parts == list(stack.parts())
    assert "…" not in "".join(table)
    assert [line for line in table if f"127.0.0.1:{stack.addresses.ports['postgres']}" in line]


def test_what_the_stack_keeps_is_its_owners_alone(stack: LocalStack) -> None:
    everything = [stack.state_dir, *stack.state_dir.rglob("*")]
    open_to_others = [str(path) for path in everything if path.lstat().st_mode & 0o077]

    assert len(everything) > 50
    assert open_to_others == []


def test_an_open_folder_of_an_earlier_version_is_closed_and_a_foreign_one_is_not(
    tmp_path: Path,
) -> None:
    old, foreign = tmp_path / "old", tmp_path / "foreign"
    for folder, name in ((old, "lock"), (foreign, "thesis.txt")):
        (folder / "logs").mkdir(parents=True)
        (folder / "logs" / "seed.log").write_text("http://127.0.0.1/p/secret")
        (folder / name).touch()
        folder.chmod(0o755)
    for folder in (old, foreign):
        with LocalStack(folder, services=False, parts=["inbox"]):
            pass

    assert 0o700 == old.stat().st_mode & 0o777
    assert 0o755 == foreign.stat().st_mode & 0o777
    for folder in (old, foreign):
        assert 0o600 == (folder / "logs" / "seed.log").stat().st_mode & 0o777


def test_a_killed_supervisor_is_named_also_when_nothing_of_it_runs(tmp_path: Path) -> None:
    killed = LocalStack(tmp_path, services=False, parts=["inbox"])
    killed.__enter__()
    parts = list(killed.state.parts)
    killed.kill("supervisor")
    psutil.Process(killed.state.pid).wait(5)
    killed.stop()  # only takes its exit status: it is gone
    for part in parts:
        if process := part.process():
            process.kill()
    until(lambda: not any(part.process() for part in parts))

    found = wrong(killed)

    assert "no   supervisor: it was killed" in found[0]
    assert found[0].endswith("=> `make run` or `bookwith up` starts it again.")


def test_a_state_file_that_was_cut_off_is_no_fault_of_the_doctor(
    stack: LocalStack, tmp_path: Path
) -> None:
    state = asdict(stack.state)
    (tmp_path / "state.json").write_text(json.dumps(state)[:-40])

    assert StateFile(tmp_path).read() is None
