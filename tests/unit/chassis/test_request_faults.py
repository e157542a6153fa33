"""What is said about a request that is wrong: every place at once, in sentences of our own."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, get_args

import httpx
import pytest
from fastapi import APIRouter, Header, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import ValidationError
from pydantic_core.core_schema import ErrorType

from services.chassis.http.application import create_app
from services.chassis.http.faults import FieldFaults, faults_of
from services.chassis.http.instants import Instant, instant_of
from services.chassis.http.routing import ApiRoute


class Square(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["square"]
    side: Annotated[int, Field(ge=1)]


class Circle(BaseModel):
    kind: Literal["circle"]
    radius: int


def _odd(number: int) -> int:
    if number % 2 == 0:
        raise ValueError("must be odd")
    return number


def _pair(number: int) -> int:
    if number > 10:
        raise FieldFaults([("", "Is too large for both."), ("../name", "Fits no such number.")])
    return number


class Drawing(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(max_length=5)]
    shape: Annotated[Square | Circle, Field(discriminator="kind")]
    odd: Annotated[int, AfterValidator(_odd)] = 1
    both: Annotated[int, AfterValidator(_pair)] = 1
    points: tuple[tuple[str, str], ...] = ()
    value: str | bool = ""
    at: Instant | None = None


GOOD: dict[str, Any] = {"name": "one", "shape": {"kind": "square", "side": 1}}


async def answer(
    body: Any = None, query: str = "", headers: dict[str, str] | None = None, text: str = ""
) -> httpx.Response:
    routes = APIRouter(prefix="/api/shop/v1", route_class=ApiRoute)

    @routes.post("/drawings")
    async def _(
        drawing: Drawing,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        start: Annotated[str | None, Query(alias="from")] = None,
        state: Annotated[list[Literal["new", "old"]] | None, Query()] = None,
        depth: Annotated[int, Header(alias="X-Depth")] = 1,
    ) -> dict[str, Any]:
        return {"done": True}

    async def nothing() -> None: ...

    app = create_app(
        "shop", routers=[routes], required={}, wanted={}, refresh_metrics=nothing, refusals={}
    )
    sent: dict[str, Any] = {"content": text} if text else {"json": GOOD if body is None else body}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://shop"
    ) as client:
        return await client.post(
            f"/api/shop/v1/drawings{query}",
            headers={"content-type": "application/json", **(headers or {})},
            **sent,
        )


async def named(*args: Any, **kwargs: Any) -> dict[str, str]:
    refused = await answer(*args, **kwargs)
    assert refused.status_code == 422, refused.text
    return {fault["pointer"]: fault["detail"] for fault in refused.json()["errors"]}


async def test_a_request_without_a_fault_is_served() -> None:
    served = await answer(query="?limit=2&from=x&state=new&state=old")

    assert (200, {"done": True}) == (served.status_code, served.json())


async def test_body_query_and_header_are_refused_together() -> None:
    found = await named(
        {"name": "longer", "shape": {"kind": "square"}, "odd": 2, "a/b~c": 1},
        query="?limit=0&state=new&state=lost&colour=red&to=1",
        headers={"X-Depth": "deep"},
    )

    assert found == {
        "#/query/colour": "There is no such query parameter here.",
        "#/query/to": "There is no such query parameter here.",
        "#/query/limit": "Must be at least 1.",
        "#/query/state": "Must be one of: new, old.",
        "#/header/X-Depth": "Must be a whole number.",
        "#/name": "Must have at most 5 characters.",
        "#/shape/side": "Must be given.",
        "#/odd": "Must be odd.",
        "#/a~1b~0c": "There is no such field here.",
    }


async def test_an_unknown_parameter_alone_is_refused_and_nothing_is_done() -> None:
    assert {"#/query/colour"} == set(await named(query="?colour=red"))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"shape": {"kind": "line"}}, {"#/shape/kind": "Must be one of: square, circle."}),
        ({"shape": {}}, {"#/shape/kind": "Must be given."}),
        ({"shape": 5}, {"#/shape": "Must be an object with named fields."}),
        ({"shape": {"kind": "square", "side": 0}}, {"#/shape/side": "Must be at least 1."}),
        ({"both": 11}, {"#/both": "Is too large for both.", "#/name": "Fits no such number."}),
        ({"points": [["a"], ["a", "b", "c"]]}, {"#/points/0/1", "#/points/1"}),
        ({"points": "a"}, {"#/points": "Must be a list."}),
        ({"value": 5}, {"#/value": "Must be text."}),
        ({"odd": "x"}, {"#/odd": "Must be a whole number."}),
        ({"name": None}, {"#/name": "Must be text."}),
    ],
)
async def test_a_fault_is_named_at_the_place_that_was_sent(
    changes: dict[str, Any], expected: dict[str, str] | set[str]
) -> None:
    found = await named({**GOOD, **changes})

    assert expected == (found if isinstance(expected, dict) else set(found))


async def test_a_body_that_is_none_is_said_of_the_whole() -> None:
    assert {"#": "The body is not a JSON document."} == await named(text="{")
    assert {"#": "Must be an object with named fields."} == await named([])


def test_no_fault_of_the_library_is_passed_on_in_its_words() -> None:
    foreign = ("Value error", "Input should", "Extra input", "Field required", "valid", "{")
    context = dict.fromkeys(
        ("ge", "gt", "le", "lt", "min_length", "max_length", "expected", "expected_tags"), "7"
    )
    for kind in get_args(ErrorType):
        fault = {"type": kind, "loc": ("body", "a"), "msg": "Input should be", "ctx": context}
        [found] = faults_of([fault], {"a": 1})

        assert found["detail"].endswith("."), kind
        assert not any(word in found["detail"] for word in foreign), (kind, found)


@pytest.mark.parametrize(
    "text", ["2027-01-11T09:00:00Z", "2027-01-11t10:00:00.000+01:00", "2027-01-11T09:00:00-00:00"]
)
def test_an_instant_is_read_by_rfc_3339(text: str) -> None:
    assert datetime(2027, 1, 11, 9, tzinfo=UTC) == instant_of(text)


@pytest.mark.parametrize(
    "value",
    [
        *("1767225600", 1767225600, 1767225600.0, "2026-01-01", "2026-01-01 10:00", True, None),
        *("2026-01-01T10:00:00", "2026-01-01T10:00Z", "2026-01-01T10Z", "20260101T100000Z"),
        *("2026-01-01 10:00:00Z", "2026-W01-1T10:00:00Z", "2026-02-30T10:00:00Z", " "),
        *("2026-01-01T25:00:00Z", "1999-12-31T23:59:59Z", "2200-01-01T00:00:00Z"),
        *("2026-01-01T10:00:00+0100", "2026-01-01T10:00:00,5Z", "\u0662026-01-01T10:00:00Z"),
    ],
    ids=str,
)
def test_every_other_form_of_an_instant_is_refused(value: Any) -> None:
    class Needed(BaseModel):
        at: Instant

    with pytest.raises(ValidationError) as refused:
        Needed(at=value)

    errors: list[Any] = [*refused.value.errors()]
    assert ["Must be an RFC 3339 instant between 2000 and 2200, such as 2027-01-11T09:00:00Z."] == [
        fault["detail"]
        for fault in faults_of([{**each, "loc": ("body", *each["loc"])} for each in errors], {})
    ]
