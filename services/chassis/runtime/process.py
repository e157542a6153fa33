"""A service's process: what runs side by side, how it starts, and how it drains on SIGTERM."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import structlog
import uvicorn
from starlette.types import ASGIApp

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 10
# Longer than clients and proxies keep theirs (60 s at most): the side that sends closes the
# connection, or a request meets one that is being closed here.
KEEP_ALIVE_SECONDS = 75

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
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self) -> None:
        """Run until SIGTERM or SIGINT, or until a part ends, which is a fault."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._stopping.set)
        for step in self.open:
            await step()
        server = self._server()
        tasks = [asyncio.create_task(self._watched(part.run)) for part in self.parts]
        if server is not None:
            serve = partial(server.serve, sockets=[listen(self.host, self.port)])
            tasks.append(asyncio.create_task(self._watched(serve)))
        await self._stopping.wait()
        log.info("draining")
        if server is not None:
            await _drain(server, tasks[-1])
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

    def _server(self) -> _Server | None:
        if self.app is None:
            return None
        return _Server(
            uvicorn.Config(
                self.app,
                log_config=None,
                access_log=False,
                lifespan="off",
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
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


async def _drain(server: uvicorn.Server, serving: "asyncio.Task[None]") -> None:
    """Take no new request, and finish those that are under way."""
    server.should_exit = True
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            await asyncio.shield(serving)


async def _within(step: Step, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await step()
    except Exception as fault:
        log.warning("stopped_hard", part=getattr(step, "__qualname__", ""), fault=repr(fault))
