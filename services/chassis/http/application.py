"""The HTTP edge that every service shares: problems, limits, correlation, health, documentation."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from contracts.problem_types import BY_NAME, INVALID, METHOD_NOT_ALLOWED, NOT_FOUND, TOO_LARGE
from services.chassis.http.documentation import complete
from services.chassis.http.faults import faults_of, unknown_parameters
from services.chassis.http.middleware import NO_ADDRESS, on_database_away, on_unforeseen
from services.chassis.http.parts import give_parts
from services.chassis.http.problems import Problem, on_problem, response
from services.chassis.postgres.database import PASSING_FAULTS

log = structlog.get_logger(__name__)


# Raises with the reason when a part is not ready.
Check = Callable[[], Awaitable[None]]


def create_app(
    service: str,
    *,
    routers: Sequence[APIRouter],
    parts: object = None,
    required: Mapping[str, Check],
    wanted: Mapping[str, Check],
    refresh_metrics: Callable[[], Awaitable[None]],
    refusals: Mapping[type[Exception], Callable[[Request, Exception], Awaitable[Response]]],
) -> FastAPI:
    """Return the service's application; its routes find `parts` with `parts_of`.

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
    give_parts(app, parts)
    for router in routers:
        app.include_router(router)
    app.include_router(_operation(service, required, wanted, refresh_metrics))
    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http_exception)
    for passing in PASSING_FAULTS:
        app.add_exception_handler(passing, on_database_away)
    app.add_exception_handler(Exception, on_unforeseen)
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
        if kind not in BY_NAME:
            raise Problem(NOT_FOUND, "There is no such type of problem.")
        found = BY_NAME[kind]
        return {"type": found.path, "title": found.title, "status": found.status}

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
    faults = [
        *unknown_parameters(request.scope.get("unknown_parameters", ())),
        *faults_of(error.errors(), error.body),
    ]
    return response(
        Problem(INVALID, "Correct the fields that are named and send it again.", errors=faults)
    )


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kinds = {405: METHOD_NOT_ALLOWED, 413: TOO_LARGE}
    if error.status_code == 400:  # FastAPI's word for a body that it cannot read at all
        return response(Problem(INVALID, "The body cannot be read; send a JSON document."))
    if error.status_code == 404:
        return response(NO_ADDRESS)
    if error.status_code not in kinds:
        return JSONResponse({"detail": error.detail}, error.status_code, headers=error.headers)
    problem = Problem(kinds[error.status_code], str(error.detail), headers=error.headers)
    return response(problem)
