"""ASGI middlewares that every request passes: its cause, its time, how much it may send."""

import re
import time

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.problem_types import INTERNAL, MALFORMED, NOT_FOUND, TOO_LARGE
from services.chassis.http.problems import Problem, response, unavailable
from services.chassis.http.request_log import RequestLog
from services.chassis.ids import new_id
from services.chassis.postgres.database import PASSING_FAULTS
from services.chassis.postgres.patience import for_a_request
from services.chassis.postgres.round_trips import counting_round_trips
from services.chassis.runtime import telemetry
from services.chassis.runtime.cause import Cause, caused_by

log = structlog.get_logger(__name__)

BODY_LIMIT = 64 * 1024
NO_ADDRESS = Problem(NOT_FOUND, "Check the address.")
CUT_OFF = Problem(MALFORMED, "The request was cut off; send it again.")
_TRACEPARENT = re.compile(rb"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f]")
_CORRELATION = re.compile(rb"[\w.-]{8,64}")
_FRAMING = (b"content-length", b"transfer-encoding")
_NOSNIFF = (b"x-content-type-options", b"nosniff")
_NO_STORE = (b"cache-control", b"no-store")


class RequestContext:
    """ASGI middleware: binds the cause, logs the request, turns the unforeseen into a 500."""

    def __init__(self, app: ASGIApp, requests: RequestLog | None = None) -> None:
        self._app = app
        self._requests = requests or RequestLog()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request inside its cause."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, asked, traceparent = str(new_id()), None, None
        for name, value in scope["headers"]:
            if name == b"x-correlation-id" and _CORRELATION.fullmatch(value):
                asked = value.decode()
            elif name == b"traceparent" and _TRACEPARENT.fullmatch(value):
                traceparent = value.decode()
        correlation_id = asked or request_id
        added = [(b"x-correlation-id", correlation_id.encode()), _NOSNIFF]
        method, is_api = scope["method"], "/api/" in scope["path"]
        started, status, answered = time.perf_counter(), 500, False

        async def watched(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status, answered = message["status"], True
                headers = [*message["headers"], *added]
                # Many answers hold a token or a person, and browsers keep even a 404 for a while.
                if is_api and not any(name == b"cache-control" for name, _ in headers):
                    headers.append(_NO_STORE)
                message["headers"] = headers
            elif method == "HEAD":
                message["body"] = b""
            await send(message)

        if method == "HEAD":  # what can be read can be asked about: its route, without the body
            scope = dict(scope, method="GET")
        with (
            telemetry.span(f"HTTP {method}", traceparent) as trace,
            caused_by(Cause(correlation_id, request_id, "visitor", trace)),
            for_a_request(),
            counting_round_trips() as round_trips,
        ):
            try:
                if _UNPRINTABLE.search(scope["path"]):  # PostgreSQL could not even look for it
                    await response(NO_ADDRESS)(scope, receive, watched)
                else:
                    await self._app(scope, receive, watched)
            except Exception as fault:
                if not isinstance(fault, (*PASSING_FAULTS, ClientDisconnect)):
                    log.exception("request_failed")
                if not answered:
                    answer = await on_unforeseen(Request(scope), fault)
                    await answer(scope, receive, watched)
            self._requests.note(
                method, scope, status, time.perf_counter() - started, round_trips.number
            )


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
        framing = {name: value for name, value in scope["headers"] if name in _FRAMING}
        if not framing:  # nothing follows the head
            await self._app(scope, receive, send)
            return
        problem = Problem(TOO_LARGE, f"A request may have {self._limit // 1024} KiB at most.")
        declared = framing.get(b"content-length", b"0")
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


async def on_cut_off(request: Request, error: Exception) -> Response:
    """Answer a request whose client has gone, in case anybody still reads it."""
    return response(CUT_OFF)


async def on_unforeseen(request: Request, error: Exception) -> Response:
    """Answer with a problem; Starlette raises the error again behind it, for the log."""
    if isinstance(error, PASSING_FAULTS):  # met by a middleware, outside the routes
        return await on_database_away(request, error)
    if isinstance(error, ClientDisconnect):
        return await on_cut_off(request, error)
    return response(Problem(INTERNAL, "Something went wrong on our side."))
