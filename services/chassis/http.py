"""The HTTP edge that every service shares: problems, limits, correlation, health, documentation."""

import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis import telemetry
from services.chassis.context import Cause, caused_by
from services.chassis.db import PASSING_FAULTS
from services.chassis.documentation import complete
from services.chassis.ids import new_id, parse_id
from services.chassis.problems import TITLES, Problem, on_problem, response, unavailable

log = structlog.get_logger(__name__)

BODY_LIMIT = 64 * 1024
_TRACEPARENT = re.compile(r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")
NO_ADDRESS = Problem("not-found", "Check the address.")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f]")
_CORRELATION = re.compile(r"^[\w.-]{8,64}$")

# Raises with the reason when a part is not ready.
Check = Callable[[], Awaitable[None]]


def create_app(
    service: str,
    *,
    routers: Sequence[APIRouter],
    required: Mapping[str, Check],
    wanted: Mapping[str, Check],
    refresh_metrics: Callable[[], Awaitable[None]],
    refusals: Mapping[type[Exception], Callable[[Request, Exception], Awaitable[Response]]],
) -> FastAPI:
    """Return the service's application.

    `required` parts make `/readyz` 503 when they fail; `wanted` ones are named as degraded, since
    the service still does what it can without them.
    """
    app = FastAPIOffline(
        title=f"Bookwith {service}",
        version="1",
        redoc_url=None,
        redirect_slashes=False,  # it would lead to whatever the Host header says
    )
    complete(app)
    for router in routers:
        app.include_router(router)
    app.include_router(_operation(service, required, wanted, refresh_metrics))
    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http_exception)
    for passing in PASSING_FAULTS:
        app.add_exception_handler(passing, _on_database_away)
    app.add_exception_handler(Exception, _on_unforeseen)
    for refusal, answer in refusals.items():
        app.add_exception_handler(refusal, answer)
    return app


def _operation(
    service: str,
    required: Mapping[str, Check],
    wanted: Mapping[str, Check],
    refresh_metrics: Callable[[], Awaitable[None]],
) -> APIRouter:
    router = APIRouter(tags=["operation"])

    @router.get("/livez")
    async def livez() -> dict[str, str]:
        return {"service": service, "status": "alive"}

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        missing = await _failures(required)
        degraded = await _failures(wanted)
        return JSONResponse(
            {"ready": not missing, "not_ready": missing, "degraded": degraded},
            503 if missing else 200,
            headers={"Retry-After": "2"} if missing else None,
        )

    @router.get("/problems/{kind}")
    async def problem(kind: str) -> dict[str, Any]:
        if kind not in TITLES:
            raise Problem("not-found", "There is no such type of problem.")
        status, title = TITLES[kind]
        return {"type": f"/problems/{kind}", "title": title, "status": status}

    @router.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        await refresh_metrics()
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


async def _failures(checks: Mapping[str, Check]) -> dict[str, str]:
    failures = {}
    for name, check in checks.items():
        try:
            await check()
        except Exception as fault:
            failures[name] = str(fault) or type(fault).__name__
    return failures


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = []
    for fault in error.errors():
        place, *path = fault["loc"]
        pointer = "/".join(
            str(part) for part in path if not isinstance(part, int) or place == "body"
        )
        where = "#/" + (pointer if place == "body" else f"{place}/{pointer}")
        errors.append({"pointer": where, "detail": fault["msg"]})
    return response(
        Problem("invalid", "Correct the fields that are named and send it again.", errors=errors)
    )


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kinds = {404: "not-found", 405: "method-not-allowed", 413: "too-large"}
    if error.status_code == 400:  # FastAPI's word for a body that it cannot read at all
        return response(Problem("invalid", "The body cannot be read; send a JSON document."))
    if error.status_code not in kinds:
        return JSONResponse({"detail": error.detail}, error.status_code, headers=error.headers)
    if error.status_code == 404:
        return response(NO_ADDRESS)
    problem = Problem(kinds[error.status_code], str(error.detail), headers=error.headers)
    return response(problem)


async def _on_database_away(request: Request, error: Exception) -> Response:
    log.warning("database_away", fault=type(error).__name__)
    return response(
        unavailable("The service cannot reach its database. Ask again with the same key.")
    )


async def _on_unforeseen(request: Request, error: Exception) -> Response:
    """Answer with a problem; Starlette raises the error again behind it, for the log."""
    if isinstance(error, PASSING_FAULTS):  # met by a middleware, outside the routes
        return await _on_database_away(request, error)
    return response(Problem("internal", "Something went wrong on our side."))


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
            with caused_by(cause):
                try:
                    if _UNPRINTABLE.search(scope["path"]):  # PostgreSQL could not even look for it
                        await response(NO_ADDRESS)(scope, receive, watched)
                    else:
                        await self._app(scope, receive, watched)
                except Exception as fault:
                    if not isinstance(fault, PASSING_FAULTS):
                        log.exception("request_failed")
                    if not answered:
                        answer = await _on_unforeseen(Request(scope), fault)
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
        problem = Problem("too-large", f"A request may have {self._limit // 1024} KiB at most.")
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


def minted_id(request: Request) -> UUID:
    """Return the id for what this request creates: the same each time its key is sent again."""
    found: Any = request.state.minted_id
    assert isinstance(found, UUID)
    return found


FIRST = UUID(int=0)


def cursor_of(text: str | None) -> UUID:
    """Return the id after which a list goes on."""
    if text is None:
        return FIRST
    found = parse_id(text)
    if found is None:
        fault = {"pointer": "#/query/cursor", "detail": "must be a next_cursor of this list"}
        raise Problem("invalid", "The cursor is not one of this list.", errors=[fault])
    return found


def listed(items: list[dict[str, Any]], limit: int) -> dict[str, Any]:
    """Return one page of a list that was read one item further than the limit."""
    more = len(items) > limit
    shown = items[:limit]
    return {"items": shown, "next_cursor": shown[-1]["id"] if more else None}
