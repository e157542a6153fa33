"""A service's process: what runs side by side, how it starts, and how it drains on SIGTERM."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import structlog
from starlette.types import ASGIApp

from services.chassis.http.connections import Connections
from services.chassis.http.server import DRAIN_SECONDS, HttpServer
from services.chassis.runtime.listening import CannotListen, Listener, listen

log = structlog.get_logger(__name__)

Step = Callable[[], Awaitable[None]]


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
    port_shared_by: str | None = None
    connections: Connections = field(default_factory=lambda: Connections(1000))
    grace_seconds: float = 0
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _failed: bool = False

    async def serve(self) -> int:
        """Run until asked to stop, or until a part ends, which is a fault; return the exit code."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._stopping.set)
        server, listener = None, None
        if self.app is not None:
            server = HttpServer(self.app, self.connections)
            self.connections.allow_files()
            try:
                listener = listen(self.host, self.port, shared_by=self.port_shared_by)
            except CannotListen as fault:
                log.error("cannot_listen", reason=str(fault))  # noqa: TRY400 -- the reason is all
                return 1
        for step in self.open:
            await step()
        tasks = [asyncio.create_task(self._watched(part.run)) for part in self.parts]
        if server is not None and listener is not None:
            serve = partial(server.serve, sockets=[listener.socket])
            tasks.append(asyncio.create_task(self._watched(serve)))
        await self._stopping.wait()
        log.info("draining")
        if server is not None and listener is not None:
            await server.drain(listener.socket, tasks[-1], grace_seconds=self.grace_seconds)
        await self._stop(tasks, listener)
        return int(self._failed)

    async def _stop(self, tasks: "list[asyncio.Task[None]]", listener: Listener | None) -> None:
        """End the parts and close what was opened; what does not end in time is left behind."""
        for part in self.parts:
            if part.stop is not None:
                await _within(part.stop, DRAIN_SECONDS)
        for task in tasks:
            task.cancel()
        _, left = await asyncio.wait(tasks, timeout=DRAIN_SECONDS)
        if left:
            log.warning("stopped_hard", part="tasks", fault=f"{len(left)} do not end")
        for step in self.close:
            await _within(step, DRAIN_SECONDS)
        if listener is not None:
            listener.close()

    async def _watched(self, step: Step) -> None:
        """Run a part; however it ends before the process is asked to, the process ends with it."""
        name = getattr(step, "__qualname__", None) or repr(step)
        try:
            await step()
            if not self._stopping.is_set():
                log.error("part_ended", part=name)
        except (KeyboardInterrupt, GeneratorExit):
            raise
        # A library that gives up may raise SystemExit, or cancel the task that it runs in.
        except BaseException as fault:
            if not isinstance(fault, asyncio.CancelledError):
                log.exception("part_failed", part=name)
            elif self._stopping.is_set():
                raise
            else:
                log.error("part_ended", part=name, reason="cancelled")  # noqa: TRY400
        if not self._stopping.is_set():
            # Without this part the process only looks alive: stop, the supervisor restarts it.
            self._failed = True
            self._stopping.set()


async def _within(step: Step, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await step()
    except Exception as fault:
        log.warning("stopped_hard", part=getattr(step, "__qualname__", ""), fault=repr(fault))
