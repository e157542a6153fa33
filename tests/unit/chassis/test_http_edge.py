"""The HTTP edge when something unforeseen happens: one answer, a problem without details."""

import httpx
from fastapi import APIRouter

from services.chassis.http.application import create_app
from services.chassis.http.middleware import RequestContext


async def nothing() -> None:
    return None


def broken() -> APIRouter:
    routes = APIRouter()

    @routes.get("/broken")
    async def _() -> None:
        raise KeyError("vera@visitors.example")

    return routes


async def test_the_unforeseen_is_one_problem_that_gives_nothing_away() -> None:
    app = create_app(
        "shop",
        routers=[broken()],
        required={},
        wanted={},
        refresh_metrics=nothing,
        refusals={},
    )
    transport = httpx.ASGITransport(RequestContext(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        answer = await client.get("/broken")

    assert (500, "application/problem+json") == (
        answer.status_code,
        answer.headers["content-type"],
    )
    assert "/problems/internal" == answer.json()["type"]
    assert answer.headers["x-correlation-id"]
    assert "vera" not in answer.text
