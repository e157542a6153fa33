"""What Idempotency-Keys do not keep: refusals before anything was done, and long answers."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import JSONResponse, Response

from services.chassis.http.application import create_app
from services.chassis.http.idempotency import KEPT_BYTES, Idempotency
from services.chassis.http.listing import minted_id
from services.chassis.http.middleware import BodyLimit, RequestContext
from services.chassis.postgres.database import Database
from tests.integration.chassis.test_event_store import rows
from tests.integration.chassis.test_idempotency import KEY, KEYS, nothing, who_sent

routes = APIRouter(prefix="/api")


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid")

    pieces: int


@routes.post("/orders", status_code=201)
async def order(body: Order) -> int:
    return body.pieces


@routes.post("/reports", status_code=201)
async def report(request: Request, size: int) -> Response:
    return JSONResponse({"id": str(minted_id(request)), "text": "x" * size}, 201)


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    app: Any = create_app(
        "shop", routers=[routes], required={}, wanted={}, refresh_metrics=nothing, refusals={}
    )
    app = Idempotency(
        app, database=database, keys=KEYS, who_sent=who_sent, routes=app.state.route_table
    )
    transport = httpx.ASGITransport(RequestContext(BodyLimit(app)))
    headers = {"Idempotency-Key": KEY}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://shop", headers=headers
    ) as opened:
        yield opened


async def kept(database: Database) -> list[tuple[Any, ...]]:
    return await rows(database, "SELECT status, length(answer) FROM idempotency_keys")


@pytest.mark.parametrize(
    ("method", "path", "sent", "refused"),
    [
        ("POST", "/api/orders", {"json": {"pieces": "many"}}, 422),
        ("POST", "/api/orders", {"content": b"{"}, 422),
        ("POST", "/api/orders", {"json": {f"x{n}": 1 for n in range(4500)}}, 422),
        ("POST", "/api/orders", {"content": b"x" * 70_000}, 413),
        ("POST", "/api/nothing", {"json": {}}, 404),
        ("PUT", "/api/nothing/1", {"json": {}}, 404),
        ("DELETE", "/api/orders", {}, 405),
    ],
)
async def test_what_was_refused_before_anything_was_done_leaves_no_row(
    client: httpx.AsyncClient,
    database: Database,
    method: str,
    path: str,
    sent: dict[str, Any],
    refused: int,
) -> None:
    answer = await client.request(method, path, **sent)

    assert refused == answer.status_code
    assert [] == await kept(database)


async def test_20_faults_are_named_at_most(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/orders", json={f"x{n}": 1 for n in range(4500)})

    assert (422, 20) == (answer.status_code, len(answer.json()["errors"]))
    assert len(answer.content) < 10_000


async def test_a_corrected_request_may_come_with_the_same_key(
    client: httpx.AsyncClient, database: Database
) -> None:
    wrong = await client.post("/api/orders", json={"pieces": "many"})
    right = await client.post("/api/orders", json={"pieces": 2})

    assert (422, 201) == (wrong.status_code, right.status_code)
    assert [201] == [status for status, _ in await kept(database)]


async def test_a_long_answer_is_made_again_under_the_same_id(
    client: httpx.AsyncClient, database: Database
) -> None:
    long = [await client.post("/api/reports", params={"size": KEPT_BYTES}) for _ in range(2)]

    assert [201, 201] == [each.status_code for each in long]
    assert long[0].json()["id"] == long[1].json()["id"]
    assert "idempotent-replayed" not in long[1].headers
    assert [(None, None)] == await kept(database)


async def test_a_refusal_of_a_request_that_took_over_keeps_its_id(
    client: httpx.AsyncClient, database: Database
) -> None:
    """What a process that has died left behind under the id must stay findable."""
    first = await client.post("/api/reports", params={"size": 1})
    await rows(database, "UPDATE idempotency_keys SET status = NULL, answer = NULL RETURNING 1")
    refused = await client.post("/api/reports", params={"size": "large"})
    again = await client.post("/api/reports", params={"size": 1})

    assert (201, 422, 201) == (first.status_code, refused.status_code, again.status_code)
    assert first.json()["id"] == again.json()["id"]
