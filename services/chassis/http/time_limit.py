"""An end for requests that hang with the database, whatever in them waits for it.

A request that takes long is no fault: it may wait for a verdict on purpose, or its turn under load.
So after a while the database is asked, on a connection of its own. When it does not answer, the
request is told to come again; what it had begun is given up, as after a crash.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.http.problems import response, unavailable

log = structlog.get_logger(__name__)

# Together less than the three seconds after which somebody who waits goes on to something else.
LOOK_AFTER_SECONDS = 1.8
ANSWER_WITHIN_SECONDS = 0.5


class DatabaseWatch:
    """Tells whether the database answers; all who ask at the same time share one answer."""

    def __init__(self, ask: Callable[[], Awaitable[None]]) -> None:
        self._ask = ask
        self._asking: asyncio.Task[bool] | None = None

    async def answers(self) -> bool:
        """Return whether it answers soon."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._answers())
        return await asyncio.shield(self._asking)

    async def _answers(self) -> bool:
        asked = asyncio.ensure_future(self._ask())
        await asyncio.wait([asked], timeout=ANSWER_WITHIN_SECONDS)
        if not asked.done():
            asked.add_done_callback(_forget)
            asked.cancel()  # and not waited for: it may notice late
            return False
        return asked.exception() is None


class TimeLimit:
    """ASGI middleware: a request that hangs with the database is answered 503."""

    def __init__(self, app: ASGIApp, watch: DatabaseWatch) -> None:
        self._app = app
        self._watch = watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, and look after it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limited = _LimitedRequest(self._watch, scope, receive, send)
        try:
            await self._app(scope, receive, limited.send)
        except asyncio.CancelledError:
            if not limited.is_given_up:
                raise
        finally:
            await limited.end()


class _LimitedRequest:
    def __init__(self, watch: DatabaseWatch, scope: Scope, receive: Receive, send: Send) -> None:
        self._watch = watch
        self._scope, self._receive, self._send = scope, receive, send
        self._task = asyncio.current_task()
        self._answered = self._ended = False
        self._looking: asyncio.Task[None] | None = None
        self.is_given_up = False
        self._look_later()

    async def send(self, message: Message) -> None:
        """Send what the application answers, unless the request has been given up."""
        if not self.is_given_up:
            self._answered = True
            await self._send(message)

    async def end(self) -> None:
        """Look no more."""
        self._ended = True
        self._timer.cancel()
        if self.is_given_up and self._looking is not None:
            await self._looking
        elif self._looking is not None:
            self._looking.cancel()

    def _look_later(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(LOOK_AFTER_SECONDS, self._look)

    def _look(self) -> None:
        self._looking = asyncio.create_task(self._give_up_or_go_on())

    async def _give_up_or_go_on(self) -> None:
        if await self._watch.answers() or self._answered:
            if not self._ended:
                self._look_later()
            return
        self.is_given_up = True
        log.warning("database_away", fault="no answer")
        words = "The service cannot reach its database. Ask again with the same key."
        await response(unavailable(words))(self._scope, self._receive, self._send)
        if self._task is not None and not self._ended:
            self._task.cancel()


def _forget(asked: "asyncio.Future[None]") -> None:
    """Take the fault of a question that nobody waits for any more."""
    if not asked.cancelled():
        asked.exception()
