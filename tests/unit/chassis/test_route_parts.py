"""Routes at module level get the parts of the application that serves the request."""

from dataclasses import dataclass

import pytest
from fastapi import APIRouter, FastAPI, Request
from httpx import ASGITransport, AsyncClient

from services.chassis.http.parts import give_parts, parts_of

routes = APIRouter()


@dataclass(frozen=True, slots=True)
class Parts:
    greeting: str


@routes.get("/greeting")
async def get_greeting(request: Request) -> str:
    return parts_of(request, Parts).greeting


async def greeted_by(parts: object) -> str:
    app = FastAPI()
    app.include_router(routes)
    give_parts(app, parts)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        answer = await client.get("/greeting")
    return str(answer.json())


async def test_two_applications_with_the_same_routes_keep_their_parts_apart() -> None:
    answers = [await greeted_by(Parts("hello")), await greeted_by(Parts("hej"))]

    assert answers == ["hello", "hej"]


async def test_parts_of_another_type_are_a_programming_error() -> None:
    with pytest.raises(TypeError, match="The routes were given str, not Parts"):
        await greeted_by("hello")
