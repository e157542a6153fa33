"""Idempotency-Key against PostgreSQL: one effect, one answer, whatever was lost between."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from contracts.capabilities import MANAGE
from contracts.problem_types import STATE_CONFLICT, UNAUTHENTICATED
from services.chassis.http.application import create_app
from services.chassis.http.idempotency import Idempotency
from services.chassis.http.listing import minted_id
from services.chassis.http.middleware import BodyLimit, RequestContext
from services.chassis.http.problems import Problem, unavailable
from services.chassis.identity.bearer import Principal
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.ids import person_id
from services.chassis.postgres.database import Database
from tests.integration.chassis.test_event_store import rows

TOKEN_HEADERS = ("X-Ticket", "X-Voucher")
KEY = "a-key-of-twenty-letters"
KEYS = KeyRing({1: b"k" * 32})
NAMESPACE = UUID(int=7)


class Shop:
    """Counts how often each command ran."""

    def __init__(self) -> None:
        self.runs = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.status = 201

    def router(self) -> APIRouter:
        routes = APIRouter()

        @routes.post("/api/things")
        async def make(request: Request) -> Response:
            self.runs += 1
            await self.gate.wait()
            if self.status == 503:
                raise unavailable("away")
            if self.status == 500:
                raise ZeroDivisionError
            if self.status == 401:
                raise Problem(UNAUTHENTICATED, "no")
            if self.status == 409:
                raise Problem(STATE_CONFLICT, "no")
            id_ = minted_id(request)
            body = {"id": str(id_), "token": KEYS.issue(MANAGE, id_), "run": self.runs}
            return JSONResponse(body, self.status, headers={"ETag": '"1"'})

        return routes


@pytest.fixture
def shop() -> Shop:
    return Shop()


async def nothing() -> None:
    return None


async def who_sent(header: str | None) -> Principal:
    """Return the person whom the header names: `Bearer <name> <number of their token>`."""
    _, name, _ = (header or "").split(" ")
    if name == "nobody":
        raise Problem(UNAUTHENTICATED, "no")
    if name == "unknown":
        raise unavailable("the provider is away")
    return Principal(person_id(NAMESPACE, name), name, frozenset(), name, "")


@pytest.fixture
async def client(database: Database, shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    app: Any = create_app(
        "shop",
        routers=[shop.router()],
        required={"database": database.ping},
        wanted={},
        refresh_metrics=nothing,
        refusals={},
    )
    app = Idempotency(
        app, database=database, keys=KEYS, who_sent=who_sent, token_headers=TOKEN_HEADERS
    )
    transport = httpx.ASGITransport(RequestContext(BodyLimit(app)))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as opened:
        yield opened


async def post(client: httpx.AsyncClient, key: str = KEY, **more: Any) -> httpx.Response:
    return await client.post("/api/things", headers={"Idempotency-Key": key}, **more)


async def test_the_same_key_and_body_give_the_same_answer_tokens_included(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    first, second = await post(client, json={"a": 1}), await post(client, json={"a": 1})

    assert (second.status_code, second.json()) == (first.status_code, first.json())
    assert second.headers["etag"] == first.headers["etag"]
    assert second.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert shop.runs == 1


async def test_what_is_kept_cannot_be_read_in_the_database(
    client: httpx.AsyncClient, database: Database
) -> None:
    answer = await post(client)
    [(kept, text)] = await rows(database, "SELECT answer, k::text FROM idempotency_keys k")

    assert answer.json()["token"].encode() not in kept
    assert KEY not in text


async def test_while_nobody_can_tell_who_asks_nothing_runs(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    told = {"Idempotency-Key": KEY, "Authorization": "Bearer unknown 1"}
    answer = await client.post("/api/things", headers=told)

    assert (503, 0) == (answer.status_code, shop.runs)


async def test_the_same_key_with_another_body_is_refused(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    await post(client, json={"a": 1})
    answer = await post(client, json={"a": 2})

    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/idempotency-key-reused"
    assert shop.runs == 1


async def test_while_the_first_is_under_way_the_second_is_told_so(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    shop.gate.clear()
    first = asyncio.create_task(post(client))
    while shop.runs == 0:
        await asyncio.sleep(0.01)
    second = await post(client)
    shop.gate.set()

    assert second.status_code == 409
    assert second.json()["type"] == "/problems/request-in-progress"
    assert (await first).status_code == 201
    assert (await post(client)).json() == (await first).json()


async def test_twenty_at_once_have_one_effect(client: httpx.AsyncClient, shop: Shop) -> None:
    answers = await asyncio.gather(*(post(client) for _ in range(20)))

    assert shop.runs == 1
    assert {answer.status_code for answer in answers} <= {201, 409}


async def test_after_a_crash_the_next_request_takes_over_under_the_same_id(
    client: httpx.AsyncClient, shop: Shop, database: Database
) -> None:
    first = await post(client)
    await rows(
        database,
        "UPDATE idempotency_keys SET status = NULL, answer = NULL,"
        " locked_until = clock_timestamp() - interval '1 second' RETURNING 1",
    )
    second = await post(client)

    assert shop.runs == 2
    assert second.json()["id"] == first.json()["id"]


async def test_a_refusal_is_remembered_and_a_fault_is_not(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    shop.status = 503
    assert (await post(client)).status_code == 503
    shop.status = 409
    assert (await post(client)).status_code == 409
    shop.status = 201
    answer = await post(client)

    assert answer.status_code == 409
    assert answer.headers["idempotent-replayed"] == "true"
    assert shop.runs == 2


async def test_after_an_unforeseen_fault_the_key_can_be_used_at_once(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    shop.status = 500
    assert (await post(client)).status_code == 500
    shop.status = 201

    assert (await post(client)).status_code == 201


async def test_keys_are_scoped_by_person_whatever_token_they_hold_today(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    runs = []
    for token in ("Bearer anna 1", "Bearer bo 1", "Bearer anna 2", "Bearer nobody 1"):
        told = {"Idempotency-Key": KEY, "Authorization": token}
        runs.append((await client.post("/api/things", headers=told)).json()["run"])

    assert runs == [1, 2, 1, 3]


@pytest.mark.parametrize("header", TOKEN_HEADERS)
async def test_keys_of_visitors_are_scoped_by_their_tokens(
    client: httpx.AsyncClient, shop: Shop, header: str
) -> None:
    for token in ("one", "two", "one"):
        await client.post("/api/things", headers={"Idempotency-Key": KEY, header: token})

    assert shop.runs == 2


async def test_that_somebody_was_not_signed_in_is_not_remembered(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    shop.status = 401
    refused = await post(client)
    shop.status = 201

    assert (refused.status_code, (await post(client)).status_code) == (401, 201)


@pytest.mark.parametrize("key", ["short", "x" * 201])
async def test_a_key_of_the_wrong_length_is_refused(
    client: httpx.AsyncClient, shop: Shop, key: str
) -> None:
    answer = await post(client, key)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/header/Idempotency-Key"
    assert shop.runs == 0


async def test_a_body_past_the_limit_is_refused_before_it_is_taken(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(80):
            yield b"x" * 1024

    declared = await post(client, content=b"x" * 70_000)
    streamed = await post(client, content=chunks())

    for answer in (declared, streamed):
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "/problems/too-large"
    assert shop.runs == 0


async def test_docs_probes_and_metrics_answer_without_the_internet(
    client: httpx.AsyncClient,
) -> None:
    docs = await client.get("/docs")
    ready = await client.get("/readyz")

    assert "https://" not in docs.text
    assert ready.json() == {"ready": True, "not_ready": {}, "degraded": {}}
    assert (await client.get("/livez")).status_code == 200
    assert "bookwith_request_seconds" in (await client.get("/metrics")).text
    assert (await client.get("/openapi.json")).json()["openapi"].startswith("3.1")


async def test_an_unknown_address_and_a_wrong_method_are_problems(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.get("/nothing")).json()["type"] == "/problems/not-found"
    assert (await client.get("/api/things")).json()["type"] == "/problems/method-not-allowed"
