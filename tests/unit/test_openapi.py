"""The OpenAPI documents of the services: they say what is answered, and what must be sent."""

from typing import Any

import pytest
from fastapi import APIRouter

import services.availability.api
import services.notifier.api
import services.policy.api
import services.policy.scim.routes
from services.booking.app import ROUTERS
from services.chassis.http.application import create_app

ROUTES = {
    "booking": list(ROUTERS),
    "availability": [services.availability.api.routes],
    "policy": [services.policy.api.routes, services.policy.scim.routes.routes],
    "notifier": [services.notifier.api.routes],
}


async def nothing() -> None:
    return None


def document(service: str, routers: list[APIRouter]) -> dict[str, Any]:
    app = create_app(
        service, routers=routers, required={}, wanted={}, refresh_metrics=nothing, refusals={}
    )
    return app.openapi()


@pytest.fixture(name="documents", scope="module")
def _documents() -> dict[str, dict[str, Any]]:
    return {service: document(service, routers) for service, routers in ROUTES.items()}


def operations(found: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, by_method in found["paths"].items()
        for method, operation in by_method.items()
    ]


@pytest.mark.parametrize("service", ROUTES)
def test_each_operation_names_its_problems_and_never_the_framework_s_own(
    documents: dict[str, dict[str, Any]], service: str
) -> None:
    for method, path, operation in operations(documents[service]):
        assert "422" not in operation["responses"], (method, path)
        if path.startswith("/api/"):
            problem = operation["responses"]["default"]["content"]["application/problem+json"]
            assert problem["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_the_first_put_of_a_page_is_documented_as_201(
    documents: dict[str, dict[str, Any]],
) -> None:
    answers = documents["booking"]["paths"]["/api/booking/v1/page"]["put"]["responses"]

    assert {"200", "201", "default"} == set(answers)
    assert answers["200"]["content"] == answers["201"]["content"]


@pytest.mark.parametrize("path", ["/api/policy/v1/organization", "/api/policy/v1/users/{user}"])
def test_if_match_is_required_where_a_change_without_it_is_refused(
    documents: dict[str, dict[str, Any]], path: str
) -> None:
    parameters = documents["policy"]["paths"][path]["patch"]["parameters"]
    [if_match] = [each for each in parameters if each["name"] == "If-Match"]

    assert (True, "header") == (if_match["required"], if_match["in"])
    assert "x-required" not in if_match["schema"]


def test_the_calendar_file_is_documented_as_one(documents: dict[str, dict[str, Any]]) -> None:
    path = "/api/booking/v1/bookings/{booking_id}/invite.ics"

    assert ["text/calendar"] == list(
        documents["booking"]["paths"][path]["get"]["responses"]["200"]["content"]
    )
