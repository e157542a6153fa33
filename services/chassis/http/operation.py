"""The routes for those who operate a service: is it alive, ready, and what does it measure."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from contracts.problem_types import BY_NAME, NOT_FOUND, ProblemType
from services.chassis.http.connections import Connections
from services.chassis.http.problems import Problem

# Raises with the reason when a part is not ready.
Check = Callable[[], Awaitable[None]]

# A probe is worth nothing when it hangs with the part that it asks about.
READY_SECONDS = 2.2
ALIVE = "/livez"


class LivenessProbe:
    """ASGI middleware, outermost: answers `/livez` before anything that could be slow."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = app
        answer = JSONResponse({"service": service, "status": "alive"})
        start = {"type": "http.response.start", "status": 200, "headers": answer.raw_headers}
        self._start, self._body = start, {"type": "http.response.body", "body": answer.body}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the probe, or serve the request."""
        if scope.get("path") == ALIVE and scope["method"] in ("GET", "HEAD"):
            await send(self._start)
            await send(self._body)
        else:
            await self._app(scope, receive, send)


def operation(
    service: str,
    required: Mapping[str, Check],
    wanted: Mapping[str, Check],
    refresh_metrics: Callable[[], Awaitable[None]],
) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["operation"])

    @router.get(ALIVE)
    async def livez() -> dict[str, str]:
        return {"service": service, "status": "alive"}

    @router.get("/readyz", responses={503: {"description": "Some part is not ready."}})
    async def readyz() -> JSONResponse:
        failures = await _failures({**required, **wanted})
        missing = {name: why for name, why in failures.items() if name in required}
        degraded = {name: why for name, why in failures.items() if name in wanted}
        return JSONResponse(
            {"ready": not missing, "not_ready": missing, "degraded": degraded},
            503 if missing else 200,
            headers={"Retry-After": "2"} if missing else None,
        )

    @router.get("/problems/{kind}", responses={404: {"description": "There is no such type."}})
    async def problem(request: Request, kind: str) -> Response:
        if kind not in BY_NAME:
            raise Problem(NOT_FOUND, "There is no such type of problem.")
        found = BY_NAME[kind]
        if "text/html" in request.headers.get("accept", ""):
            return HTMLResponse(_page(found))
        return JSONResponse(_document(found))

    @router.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        await refresh_metrics()
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


def while_running(connections: Connections) -> Check:
    """Return the check that fails once the process has been asked to end."""

    async def check() -> None:
        if connections.is_stopping:
            raise ConnectionError("it is about to end")

    return check


async def _failures(checks: Mapping[str, Check]) -> dict[str, str]:
    """Return why parts are not ready; one that does not answer in time is not."""
    asking = {name: asyncio.ensure_future(check()) for name, check in checks.items()}
    if asking:
        await asyncio.wait(asking.values(), timeout=READY_SECONDS)
    failures = {}
    for name, asked in asking.items():
        if not asked.done():
            asked.add_done_callback(_forget)
            asked.cancel()  # and not waited for: what hangs may take its time to notice
            failures[name] = f"no answer within {READY_SECONDS} s"
        elif fault := asked.exception():
            failures[name] = str(fault) or type(fault).__name__
    return failures


def _forget(asked: "asyncio.Future[None]") -> None:
    """Take the fault of a check that nobody waits for any more."""
    if not asked.cancelled():
        asked.exception()


def _document(type_: ProblemType) -> dict[str, Any]:
    return {
        "type": type_.path,
        "title": type_.title,
        "status": type_.status,
        "meaning": type_.meaning,
    }


def _page(type_: ProblemType) -> str:
    title, meaning = escape(type_.title), escape(type_.meaning)
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f"<h1>{title}</h1>\n<p>{meaning}</p>\n<p>{escape(type_.path)}, status {type_.status}</p>\n"
    )
