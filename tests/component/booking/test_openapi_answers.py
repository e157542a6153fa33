"""Whatever is sent, booking answers as its OpenAPI document says, and never with a 5xx."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.component.booking.booking_service import BookingService, Organizer, day

# More for a longer look: BOOKWITH_OPENAPI_EXAMPLES=5000.
EXAMPLES = int(os.environ.get("BOOKWITH_OPENAPI_EXAMPLES") or 250)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
CALLERS = ("organizer", "attendee", "nobody")
# Where a generated value is replaced with one that means something: in paths, queries and bodies.
Known = Mapping[str, list[str]]


async def known_things(service: BookingService, anna: Organizer) -> tuple[Known, dict[str, str]]:
    """Return the ids of things that are there, and the token of an attendee."""
    kinds = [await anna.meeting_type() for _ in range(3)]
    private = await anna.meeting_type(visibility="private")
    link = await anna.link(private, max_uses=None)
    booked = await service.booked(kinds[0], day(3))
    held = await service.held(kinds[1], day(4))
    known = {
        "booking_id": [booked["id"], held["id"]],
        "type_id": [each["id"] for each in (*kinds, private)],
        "meeting_type_id": [each["id"] for each in (*kinds, private)],
        "link_id": [link["id"]],
        "token": [link["token"]],
        "handle": [anna.identity],
        "start": [day(5), day(6, 11), day(3)],
        "kind": ["invalid", "not-found"],
    }
    return known, {"X-Manage-Token": booked["manage_token"]}


@st.composite
def requests(draw: st.DrawFn, operations: list[Any], known: Known) -> Any:
    """Return a request of one operation, in half of them about things that are there."""
    case = draw(draw(st.sampled_from(operations)).as_strategy())
    if draw(st.booleans()):
        for place in (case.path_parameters, case.query, case.body):
            if isinstance(place, dict):
                for name in known.keys() & place.keys():
                    place[name] = draw(st.sampled_from(known[name]))
    return case


async def sent(http: httpx.AsyncClient, case: Any, headers: Mapping[str, str]) -> httpx.Response:
    """Send the request; what a client could not write in a header is left out."""
    own = {name: value for name, value in (case.headers or {}).items() if _is_header(value)}
    body = case.body if isinstance(case.body, dict | list | str | int | float | None) else b""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await http.request(
        case.method,
        case.formatted_path,
        params=case.query or None,
        headers={**own, **({"Content-Type": "application/json"} if content else {}), **headers},
        content=content,
        timeout=30,
    )


def _is_header(value: object) -> bool:
    return isinstance(value, str) and value.isprintable() and value.isascii()


@dataclass(frozen=True, slots=True)
class Asked:
    """What may be asked of whom: the document's operations, things that are there, a caller."""

    operations: list[Any]
    known: Known
    headers: Mapping[str, str]


@pytest.fixture(params=CALLERS)
async def asked(service: BookingService, anna: Organizer, request: Any) -> Asked:
    """An organizer with things of each kind, and somebody who asks about them."""
    document = (await service.booking.http.get("/openapi.json")).json()
    found = list(schemathesis.openapi.from_dict(document).get_all_operations())
    assert all(isinstance(each, Ok) for each in found)
    known, as_attendee = await known_things(service, anna)
    headers = {"organizer": anna.headers, "attendee": as_attendee, "nobody": {}}
    operations = [each.ok() for each in found if isinstance(each, Ok)]
    return Asked(operations, known, headers[request.param])


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    print_blob=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
async def test_whatever_is_sent_is_answered_as_the_document_says(
    service: BookingService, asked: Asked, data: st.DataObject
) -> None:
    case = data.draw(requests(asked.operations, asked.known))
    answer = await sent(service.booking.http, case, asked.headers)

    case.validate_response(answer, checks=CHECKS)
