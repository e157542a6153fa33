"""Every route that needs a sign-in: who is nobody hears that first, whatever else is wrong."""

from typing import Any

import httpx
import pytest

from contracts.problem_types import UNAUTHENTICATED
from services.chassis.http.application import create_app
from services.chassis.http.problems import Problem
from tests.unit.test_openapi import ROUTES, nothing, operations

COMMANDS = {"post", "put", "patch"}


async def nobody(header: str | None) -> None:
    raise Problem(UNAUTHENTICATED, "Sign in.")


def wrong(method: str, operation: dict[str, Any]) -> dict[str, Any] | None:
    """Return what makes a request of the operation invalid; None when nothing can."""
    if "requestBody" in operation and method in COMMANDS:
        return {"content": b"{"}
    names = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"}
    required = [each for each in operation.get("parameters", ()) if each["in"] == "query"]
    if "limit" in names:
        return {"params": {"limit": 0}}
    return {} if any(each.get("required") for each in required) else None


@pytest.mark.parametrize("service", ROUTES)
async def test_who_is_nobody_is_told_so_before_anything_is_called_invalid(service: str) -> None:
    app = create_app(
        service,
        routers=ROUTES[service],
        required={},
        wanted={},
        refresh_metrics=nothing,
        refusals={},
        who_sent=nobody,
    )
    answers = {}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://shop"
    ) as client:
        for method, path, operation in operations(app.openapi()):
            sent = wrong(method, operation)
            if {"signed_in": []} in operation.get("security", ()) and sent is not None:
                answers[method, path] = await client.request(method, path, **sent)

    assert answers
    assert {(401, "/problems/unauthenticated")} == {
        (answer.status_code, answer.json()["type"]) for answer in answers.values()
    }
