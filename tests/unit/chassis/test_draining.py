"""The end of a process: readiness says no first, requests are answered, no connection is reset."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from time import monotonic

import pytest

from services.chassis.http.handshakes import turn_away
from services.chassis.runtime.listening import listen

RATE = 200
# A process of no service in particular: a route, readiness as the services have it, the drain.
PROCESS = textwrap.dedent("""
    import asyncio, sys
    from fastapi import APIRouter
    from services.chassis.http.application import create_app
    from services.chassis.http.connections import Connections
    from services.chassis.http.operation import while_running
    from services.chassis.runtime.process import Process
    import uvloop

    connections, routes = Connections(1000), APIRouter()

    @routes.get("/quick")
    async def quick() -> int:
        return 1

    @routes.get("/slow")
    async def slow() -> int:
        await asyncio.sleep(0.5)
        return 1

    async def nothing() -> None: ...

    app = create_app("shop", routers=[routes], required={"process": while_running(connections)},
        wanted={}, refresh_metrics=nothing, refusals={})
    port, grace = int(sys.argv[1]), float(sys.argv[2])
    process = Process(open=[], parts=[], close=[], app=app, port=port, port_shared_by="shop",
        connections=connections, grace_seconds=grace)
    sys.exit(uvloop.run(process.serve()))
""")


@pytest.fixture
def port() -> Iterator[int]:
    """A port that nobody else gets while the test runs: bound, and never listened on."""
    with socket.socket() as reserved:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserved.bind(("127.0.0.1", 0))
        yield reserved.getsockname()[1]


@contextmanager
def process(port: int, grace: float) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", PROCESS, str(port), str(grace)]
    started = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": "."})
    try:
        yield started
    finally:
        started.kill()
        started.wait()


async def get(port: int, path: str = "/quick") -> bytes:
    """Ask on a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return answer


async def until_listening(port: int, processes: int = 1) -> None:
    """Wait until all processes listen: the kernel's table has a socket for each."""
    wanted = f":{port:04X} 00000000:0000 0A"
    async with asyncio.timeout(90):
        while True:
            with open("/proc/net/tcp") as table:  # noqa: ASYNC230, PTH123 # the kernel's, not a disk's
                if sum(wanted in line for line in table) == processes:
                    return
            await asyncio.sleep(0.05)


async def ended(started: subprocess.Popen[bytes]) -> int:
    return await asyncio.to_thread(started.wait, 60)


@asynccontextmanager
async def asking(port: int) -> AsyncIterator[list[str]]:
    """Open 200 connections a second inside the block; what became of each is in the list."""
    outcomes: list[str] = []
    running = True

    async def ask() -> None:
        try:
            answer = await get(port)
            outcomes.append(answer.split(b"\r\n", 1)[0].decode() if answer else "no answer")
        except OSError as fault:
            outcomes.append(type(fault).__name__)

    async def all_the_time() -> None:
        began, asked = monotonic(), 0
        async with asyncio.TaskGroup() as group:
            while running:
                while asked < (monotonic() - began) * RATE:
                    asked += 1
                    group.create_task(ask())
                await asyncio.sleep(0.002)

    task = asyncio.create_task(all_the_time())
    yield outcomes
    running = False
    await task


@pytest.mark.parametrize("grace", [0.0, 1.0])
async def test_no_connection_is_lost_when_one_of_two_processes_ends(
    port: int, grace: float
) -> None:
    with process(port, grace) as first, process(port, grace):
        await until_listening(port, processes=2)
        async with asking(port) as outcomes:
            await asyncio.sleep(0.5)
            first.send_signal(signal.SIGTERM)
            assert 0 == await ended(first)
            await asyncio.sleep(1.2)  # the clients' kernels ask once more after a second

    assert {"HTTP/1.1 200 OK"} == set(outcomes)
    assert len(outcomes) > RATE


async def test_readiness_says_no_while_requests_are_still_answered(port: int) -> None:
    with process(port, 1.5) as only:
        await until_listening(port)
        before = await get(port, "/readyz")
        only.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.3)
        ready, answer = await get(port, "/readyz"), await get(port)
        code = await ended(only)

    assert before.startswith(b"HTTP/1.1 200")
    assert ready.startswith(b"HTTP/1.1 503")
    assert {"process": "it is about to end"} == json.loads(ready.partition(b"\r\n\r\n")[2])[
        "not_ready"
    ]
    assert answer.startswith(b"HTTP/1.1 200")
    assert 0 == code


async def test_a_kept_connection_is_told_to_close_and_what_is_under_way_is_answered(
    port: int,
) -> None:
    with process(port, 0.3) as only:
        await until_listening(port)
        kept = await asyncio.open_connection("127.0.0.1", port)
        slow = await asyncio.open_connection("127.0.0.1", port)
        kept[1].write(b"GET /quick HTTP/1.1\r\nHost: shop\r\n\r\n")
        first = await kept[0].readuntil(b"\r\n\r\n1")
        only.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.1)
        kept[1].write(b"GET /quick HTTP/1.1\r\nHost: shop\r\n\r\n")
        second = await kept[0].read()
        slow[1].write(b"GET /slow HTTP/1.1\r\nHost: shop\r\n\r\n")
        last = await slow[0].read()
        code = await ended(only)
        for _, writer in (kept, slow):
            writer.close()

    assert b"connection: close" not in first
    assert b"connection: close" in second
    assert (True, True) == (last.startswith(b"HTTP/1.1 200"), b"connection: close" in last)
    assert 0 == code


async def test_silent_connections_do_not_hold_up_the_end(port: int) -> None:
    with process(port, 0) as only:
        await until_listening(port)
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(5)]
        began = monotonic()
        only.send_signal(signal.SIGTERM)
        code = await ended(only)
        for _, writer in silent:
            writer.close()

    assert 0 == code
    assert monotonic() - began < 8  # a head may take ten


async def test_a_socket_that_turns_away_leaves_new_connections_to_its_neighbour(port: int) -> None:
    ending, staying = (listen("127.0.0.1", port, shared_by="shop").socket for _ in range(2))
    before = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]

    def take(listening: socket.socket) -> int:
        taken = 0
        with suppress(BlockingIOError):
            while True:
                listening.accept()[0].close()
                taken += 1
        return taken

    taken_by_ending, taken_by_staying = take(ending), take(staying)
    turn_away(ending)
    asked = [asyncio.create_task(asyncio.open_connection("127.0.0.1", port)) for _ in range(20)]
    await asyncio.sleep(0.3)
    at_once = sum(each.done() for each in asked)
    in_queue = take(ending)
    ending.close()
    async with asyncio.timeout(10):
        opened = await asyncio.gather(*asked)
    for each in before:
        each.close()
    for _, writer in opened:
        writer.transport.abort()
    taken = take(staying)
    staying.close()

    assert 20 == taken_by_ending + taken_by_staying
    assert 0 < taken_by_ending < 20
    assert 0 == in_queue
    assert 0 < at_once < 20
    assert 20 == taken
