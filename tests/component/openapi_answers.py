"""Requests that schemathesis makes of a service's OpenAPI document, and what every answer keeps."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

# More for a longer look: BOOKWITH_OPENAPI_EXAMPLES=5000.
EXAMPLES = int(os.environ.get("BOOKWITH_OPENAPI_EXAMPLES") or 250)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# Where a generated value is replaced with one that means something: in paths, queries and bodies.
Known = Mapping[str, list[str]]


examples = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    print_blob=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


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


async def asked_of(http: httpx.AsyncClient, known: Known, headers: Mapping[str, str]) -> Asked:
    """Return what the service's own document lets a caller ask, about these things."""
    document = (await http.get("/openapi.json")).json()
    found = list(schemathesis.openapi.from_dict(document).get_all_operations())
    assert all(isinstance(each, Ok) for each in found)
    return Asked([each.ok() for each in found if isinstance(each, Ok)], known, headers)


async def check_answer(http: httpx.AsyncClient, asked: Asked, data: st.DataObject) -> None:
    """Send one request; the answer is as the document says, and no 5xx."""
    case = data.draw(requests(asked.operations, asked.known))
    answer = await sent(http, case, asked.headers)

    case.validate_response(answer, checks=CHECKS)
