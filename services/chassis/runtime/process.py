"""A service's process: what runs side by side, how it starts, and how it drains on SIGTERM."""

import asyncio
import contextlib
import ctypes
import signal
import socket
import struct
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import structlog
import uvicorn
from starlette.types import ASGIApp

from services.chassis.http.connections import Connections
from services.chassis.http.protocol import BoundedProtocol

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 10
# For handshakes under way when a listening socket is about to be closed.
SETTLE_SECONDS = 0.2

# Of Linux: a program of the classic Berkeley packet filter, attached to a socket.
_SO_ATTACH_FILTER = 26
_BPF_LOAD_BYTE, _BPF_AND, _BPF_JUMP_IF_EQUAL, _BPF_RETURN = 0x30, 0x54, 0x15, 0x06
_TCP_FLAGS_OFFSET, _SYN, _ACK = 13, 0x02, 0x10

Step = Callable[[], Awaitable[None]]


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling: the process drains in one place."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass(frozen=True, slots=True)
class Part:
    """What runs until the process ends, and how it is asked to finish; without that, cancelled."""

    run: Step
    stop: Step | None = None


@dataclass(slots=True)
class Process:
    """One process: what is opened, the parts that run side by side, what is closed behind them."""

    open: Sequence[Step]
    parts: Sequence[Part]
    close: Sequence[Step]
    app: ASGIApp | None = None
    host: str = "127.0.0.1"
    port: int = 0
    connections: Connections = field(default_factory=lambda: Connections(1000))
    grace_seconds: float = 0
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self) -> None:
        """Run until SIGTERM or SIGINT, or until a part ends, which is a fault."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._stopping.set)
        for step in self.open:
            await step()
        server, listening = self._server(), None
        tasks = [asyncio.create_task(self._watched(part.run)) for part in self.parts]
        if server is not None:
            self.connections.allow_files()
            listening = listen(self.host, self.port)
            serve = partial(server.serve, sockets=[listening])
            tasks.append(asyncio.create_task(self._watched(serve)))
        await self._stopping.wait()
        log.info("draining")
        if server is not None and listening is not None:
            await self._drain(server, listening, tasks[-1])
        for part in self.parts:
            if part.stop is not None:
                await _within(part.stop, DRAIN_SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for step in self.close:
            await _within(step, DRAIN_SECONDS)

    async def _watched(self, step: Step) -> None:
        try:
            await step()
            if not self._stopping.is_set():
                log.error("part_ended", part=getattr(step, "__qualname__", repr(step)))
                self._stopping.set()
        except asyncio.CancelledError:
            raise
        except Exception:
            # Without this part the process only looks alive: stop, the supervisor restarts it.
            log.exception("part_failed", part=getattr(step, "__qualname__", repr(step)))
            self._stopping.set()

    async def _drain(
        self, server: uvicorn.Server, listening: socket.socket, serving: "asyncio.Task[None]"
    ) -> None:
        """Take requests for the grace, while readiness says no; then finish those under way."""
        self.connections.stop_keeping()
        await asyncio.sleep(self.grace_seconds)
        turn_away(listening)
        await asyncio.sleep(SETTLE_SECONDS)
        server.should_exit = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await asyncio.shield(serving)

    def _server(self) -> _Server | None:
        if self.app is None:
            return None
        return _Server(
            uvicorn.Config(
                self.app,
                http=partial(BoundedProtocol, registry=self.connections),  # type: ignore[arg-type] # uvicorn calls it only
                ws="none",
                log_config=None,
                access_log=False,
                lifespan="off",
                server_header=False,
                timeout_keep_alive=self.connections.bounds.keep_alive_seconds,
                timeout_graceful_shutdown=DRAIN_SECONDS,
                proxy_headers=False,
            )
        )


def listen(host: str, port: int) -> socket.socket:
    """Bind so that the processes of one service share the port."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listening.bind((host, port))
    listening.listen(2048)
    listening.setblocking(False)
    return listening


def turn_away(listening: socket.socket) -> None:
    """Let the kernel drop what asks for a new connection; handshakes under way are finished.

    Closing a listening socket resets whatever is in its queue, although other processes listen on
    the same port. A dropped request for a connection is sent again by the client's kernel after a
    second, and then meets another process.
    """
    load_flags, mask, is_syn, drop, take = (
        struct.pack("HBBI", *instruction)
        for instruction in (
            (_BPF_LOAD_BYTE, 0, 0, _TCP_FLAGS_OFFSET),
            (_BPF_AND, 0, 0, _SYN | _ACK),
            (_BPF_JUMP_IF_EQUAL, 0, 1, _SYN),
            (_BPF_RETURN, 0, 0, 0),
            (_BPF_RETURN, 0, 0, 0xFFFFFFFF),
        )
    )
    program = ctypes.create_string_buffer(load_flags + mask + is_syn + drop + take)
    described = struct.pack("HL", 5, ctypes.addressof(program))
    with contextlib.suppress(OSError):  # of a kernel without it: it closes as it always did
        listening.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, described)


async def _within(step: Step, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await step()
    except Exception as fault:
        log.warning("stopped_hard", part=getattr(step, "__qualname__", ""), fault=repr(fault))
