"""uvicorn as a service runs it: bounded connections, and an end that resets none of them."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from functools import partial

import uvicorn
from starlette.types import ASGIApp

from services.chassis.http.connections import Connections
from services.chassis.http.handshakes import SETTLE_SECONDS, turn_away
from services.chassis.http.protocol import BoundedProtocol

DRAIN_SECONDS = 10


class HttpServer(uvicorn.Server):
    """Serves an application; it has no signal handling of its own, the process drains it."""

    def __init__(self, app: ASGIApp, connections: Connections) -> None:
        config = uvicorn.Config(
            app,
            http=partial(BoundedProtocol, registry=connections),  # type: ignore[arg-type] # uvicorn only calls it
            ws="none",
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_keep_alive=connections.bounds.keep_alive_seconds,
            timeout_graceful_shutdown=DRAIN_SECONDS,
            proxy_headers=False,
        )
        super().__init__(config)
        self._connections = connections

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the process."""
        yield

    async def drain(
        self, listening: socket.socket, serving: "asyncio.Task[None]", *, grace_seconds: float
    ) -> None:
        """Answer for the grace, while readiness says no; then finish what is under way."""
        self._connections.stop_keeping()
        await asyncio.sleep(grace_seconds)
        turn_away(listening)
        await asyncio.sleep(SETTLE_SECONDS)
        self.should_exit = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await asyncio.shield(serving)
