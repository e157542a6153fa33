"""ASGI middlewares that every request passes: its cause, its time, how much it may send."""

import re
import time

import structlog
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.problem_types import INTERNAL, NOT_FOUND, TOO_LARGE
from services.chassis.http.problems import Problem, response, unavailable
from services.chassis.ids import new_id
from services.chassis.postgres.database import PASSING_FAULTS
from services.chassis.postgres.patience import for_a_request
from services.chassis.runtime import telemetry
from services.chassis.runtime.cause import Cause, caused_by

log = structlog.get_logger(__name__)

BODY_LIMIT = 64 * 1024
NO_ADDRESS = Problem(NOT_FOUND, "Check the address.")
_TRACEPARENT = re.compile(r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f]")
_CORRELATION = re.compile(r"^[\w.-]{8,64}$")


class RequestContext:
    """ASGI middleware: binds the cause, times the request, turns the unforeseen into a 500."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request inside its cause."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        asked = headers.get("x-correlation-id", "")
        request_id = str(new_id())
        traceparent = headers.get("traceparent", "")
        correlation_id = asked if _CORRELATION.match(asked) else request_id
        started, status, answered = time.perf_counter(), 500, False

        async def watched(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status, answered = message["status"], True
                message["headers"] = [
                    *message["headers"],
                    (b"x-correlation-id", correlation_id.encode()),
                    (b"x-content-type-options", b"nosniff"),
                ]
            await send(message)

        with telemetry.span(
            f"HTTP {scope['method']}", traceparent if _TRACEPARENT.match(traceparent) else None
        ) as trace:
            cause = Cause(correlation_id, request_id, "visitor", trace)
            with caused_by(cause), for_a_request():
                try:
                    if _UNPRINTABLE.search(scope["path"]):  # PostgreSQL could not even look for it
                        await response(NO_ADDRESS)(scope, receive, watched)
                    else:
                        await self._app(scope, receive, watched)
                except Exception as fault:
                    if not isinstance(fault, PASSING_FAULTS):
                        log.exception("request_failed")
                    if not answered:
                        answer = await on_unforeseen(Request(scope), fault)
                        await answer(scope, receive, watched)
        route = scope.get("route")
        telemetry.REQUEST_SECONDS.labels(
            scope["method"], getattr(route, "path", "unmatched"), status
        ).observe(time.perf_counter() - started)


class BodyLimit:
    """ASGI middleware: a body past the limit is refused before it is read."""

    def __init__(self, app: ASGIApp, limit: int = BODY_LIMIT) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, counting what it sends."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        problem = Problem(TOO_LARGE, f"A request may have {self._limit // 1024} KiB at most.")
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdigit() or int(declared) > self._limit:
            await response(problem)(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._limit:
                raise problem
            return message

        async def unless_exceeded(message: Message) -> None:
            if received <= self._limit:  # whoever met the problem may have given it other words
                await send(message)

        try:
            await self._app(scope, counted, unless_exceeded)
        except Problem as raised:
            if raised is not problem:
                raise
        if received > self._limit:
            await response(problem)(scope, receive, send)


async def on_database_away(request: Request, error: Exception) -> Response:
    """Answer that the database does not answer."""
    log.warning("database_away", fault=type(error.__cause__ or error).__name__)
    return response(
        unavailable("The service cannot reach its database. Ask again with the same key.")
    )


async def on_unforeseen(request: Request, error: Exception) -> Response:
    """Answer with a problem; Starlette raises the error again behind it, for the log."""
    if isinstance(error, PASSING_FAULTS):  # met by a middleware, outside the routes
        return await on_database_away(request, error)
    return response(Problem(INTERNAL, "Something went wrong on our side."))
