"""The HTTP edge that every service shares: problems, limits, correlation, health, documentation."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from contracts.problem_types import INVALID, METHOD_NOT_ALLOWED, TOO_LARGE
from services.chassis.http.documentation import BEARER, complete, is_token_header
from services.chassis.http.faults import faults_of, unknown_parameters
from services.chassis.http.middleware import NO_ADDRESS, on_cut_off, on_database_away, on_unforeseen
from services.chassis.http.operation import Check, operation
from services.chassis.http.parts import give_parts
from services.chassis.http.problems import Problem, on_problem, response
from services.chassis.http.route_table import RouteTable
from services.chassis.postgres.database import PASSING_FAULTS

# However many are wrong: an answer may not be many times as large as what was sent.
MOST_FAULTS = 20

# Tells who sent an Authorization header; raises the problem of one that names nobody.
WhoSent = Callable[[str | None], Awaitable[object]]


def create_app(
    service: str,
    *,
    routers: Sequence[APIRouter],
    parts: object = None,
    required: Mapping[str, Check],
    wanted: Mapping[str, Check],
    refresh_metrics: Callable[[], Awaitable[None]],
    refusals: Mapping[type[Exception], Callable[[Request, Exception], Awaitable[Response]]],
    who_sent: WhoSent | None = None,
    public_url: str = "",
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
    routers = [*routers, operation(service, required, wanted, refresh_metrics)]
    app.state.route_table = RouteTable(routers, app.routes)
    app.state.who_sent = who_sent
    app.state.public_url = public_url
    for router in routers:
        app.include_router(router)
    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(ClientDisconnect, on_cut_off)
    for passing in PASSING_FAULTS:
        app.add_exception_handler(passing, on_database_away)
    app.add_exception_handler(Exception, on_unforeseen)
    for refusal, answer in refusals.items():
        app.add_exception_handler(refusal, answer)
    return app


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if refused := await _unknown_caller(request):
        return response(refused)
    faults = [
        *unknown_parameters(request.scope.get("unknown_parameters", ())),
        *faults_of(error.errors(), error.body),
    ][:MOST_FAULTS]
    return response(
        Problem(INVALID, "Correct the fields that are named and send it again.", errors=faults)
    )


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    match error.status_code:
        case 400:  # FastAPI's word for a body that it cannot read at all
            refused = await _unknown_caller(request)
            unreadable = Problem(INVALID, "The body cannot be read; send a JSON document.")
            return response(refused or unreadable)
        case 404:
            return response(NO_ADDRESS)
        case 405:
            methods = ", ".join(request.app.state.route_table.methods(request.scope))
            detail = f"This address takes {methods}."
            return response(Problem(METHOD_NOT_ALLOWED, detail, headers={"Allow": methods}))
        case 413:
            return response(Problem(TOO_LARGE, str(error.detail), headers=error.headers))
        case status:
            return JSONResponse({"detail": error.detail}, status, headers=error.headers)


async def _unknown_caller(request: Request) -> Problem | None:
    """Return the problem of a caller who is nobody: who may not ask is not told what is wrong.

    FastAPI reads and judges the whole request before a route can ask who sends it.
    """
    declared = getattr(request.scope.get("route"), "dependencies", ())
    shown = (each.dependency.model.name for each in declared if is_token_header(each))
    who_sent: WhoSent | None = request.app.state.who_sent
    if who_sent is None or BEARER not in declared or any(name in request.headers for name in shown):
        return None
    try:
        await who_sent(request.headers.get("authorization"))
    except Problem as problem:
        return problem
    return None
