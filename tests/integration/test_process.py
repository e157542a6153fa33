"""A process that cannot go on ends, says why in one line, and gives an exit code that tells."""

import json
import os
import signal
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.running_service import free_port, run, started

SCRIPT = """
import asyncio, uvloop
from pydantic_settings import BaseSettings
from services.chassis.runtime import process, telemetry
from services.chassis.runtime.command_line import serve
from services.chassis.runtime.process import Part, Process
telemetry.set_up("toy", "1", "info", None)

async def lives():
    await asyncio.Event().wait()

{part}

def build(settings, roles):
    return Process(open=[], parts=[Part(lives), Part(part)], close=[])

uvloop.run(serve(build, BaseSettings(), frozenset()))
"""
FAILING = {
    "raises": "raise LookupError('anna@example.test')",
    "returns": "return",
    "is cancelled by a library": "asyncio.current_task().cancel(); await asyncio.sleep(1)",
    "gives up": "raise SystemExit(0)",
}


def lines(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def errors(output: str) -> list[dict[str, Any]]:
    return [line for line in lines(output) if line["level"] == "error"]


@pytest.mark.parametrize("service", ["booking", "availability", "notifier", "policy"])
def test_a_taken_port_ends_the_process_with_a_line_that_names_it(
    tmp_path: Path, service: str
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with started(service, tmp_path / "log", {"BOOKWITH_HTTP_PORT": port}) as process:
            code = process.ended()

    assert code == 1
    (line,) = errors(process.output())
    assert line["event"] == "cannot_listen"
    assert f"127.0.0.1:{port}: Address already in use" in line["reason"]


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid", "::2"])
def test_an_address_that_is_not_here_ends_the_process_with_a_line_that_names_it(
    tmp_path: Path, host: str
) -> None:
    with started("policy", tmp_path / "log", {"BOOKWITH_HTTP_HOST": host}) as process:
        code = process.ended()

    assert code == 1
    assert [host in line["reason"] for line in errors(process.output())] == [True]


def test_a_second_process_on_the_port_is_refused_unless_both_share_it(tmp_path: Path) -> None:
    port = {"BOOKWITH_HTTP_PORT": str(free_port())}
    shared = {**port, "BOOKWITH_HTTP_PORT_SHARED": "true"}
    other_database = {"BOOKWITH_DATABASE_URL": "postgresql://postgres@127.0.0.1:1/other"}
    with started("policy", tmp_path / "first", shared) as first:
        first.wait_until_alive()
        with started("policy", tmp_path / "same", shared) as same:
            # The first one may answer for it: its own line about the database says that it runs.
            same.wait_for(lambda: "signals_interrupted" in same.output())
            assert same.stop() == 0
        for name, service, settings in (
            ("alone", "policy", port),
            ("service", "availability", shared),
            ("database", "policy", {**shared, **other_database}),
        ):
            with started(service, tmp_path / name, settings) as refused:
                assert refused.ended() == 1, name
            (line,) = errors(refused.output())
            assert line["event"] == "cannot_listen", name
            assert port["BOOKWITH_HTTP_PORT"] in line["reason"], name
        assert "policy with the database 127.0.0.1/1/none" in line["reason"]


def test_a_port_belongs_to_nobody_once_its_processes_were_killed(tmp_path: Path) -> None:
    shared = {"BOOKWITH_HTTP_PORT": str(free_port()), "BOOKWITH_HTTP_PORT_SHARED": "true"}
    with started("policy", tmp_path / "first", shared) as first:
        first.wait_until_alive()
    with started("availability", tmp_path / "second", shared) as second:
        second.wait_until_alive()


@pytest.mark.parametrize("part", FAILING.values(), ids=list(FAILING))
def test_a_part_that_ends_later_ends_the_process(tmp_path: Path, part: str) -> None:
    script = SCRIPT.format(part=f"async def part():\n    await asyncio.sleep(0.1)\n    {part}")
    with run(("-c", script), tmp_path / "log", {}) as process:
        code = process.ended()

    assert code == 1
    (line,) = errors(process.output())
    assert (line["event"].startswith("part_"), line["part"]) == (True, "part")
    assert "anna" not in process.output()


def test_a_part_that_ignores_its_end_does_not_keep_the_process(
    tmp_path: Path,
) -> None:
    stubborn = """
async def part():
    print("up", flush=True)
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass
process.DRAIN_SECONDS = 0.2
"""
    with run(("-c", SCRIPT.format(part=stubborn)), tmp_path / "log", {}) as process:
        process.wait_for(lambda: "up" in process.output())
        process.process.send_signal(signal.SIGTERM)
        process.wait_for(lambda: "stopped_hard" in process.output())
        code = process.ended()

    assert code == 0


@pytest.mark.parametrize("word", [signal.SIGTERM, signal.SIGINT])
def test_a_service_without_its_neighbours_ends_when_asked(
    tmp_path: Path, word: signal.Signals
) -> None:
    with started("booking", tmp_path / "log") as process:
        process.wait_until_alive()
        os.kill(process.process.pid, word)
        assert process.ended() == 0
