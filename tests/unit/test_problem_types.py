"""Every type of problem is documented, and its address says what it means."""

from pathlib import Path

import httpx
import pytest

from contracts.problem_types import BY_NAME, ProblemType
from services.chassis.http.application import create_app
from tests.unit.test_openapi import nothing

PAGE = Path(__file__).parents[2] / "docs" / "problems.md"


def row(type_: ProblemType) -> str:
    return f"| `{type_.path}` | {type_.status} | {type_.title} | {type_.meaning} |"


def shop() -> httpx.AsyncClient:
    app = create_app(
        "shop", routers=[], required={}, wanted={}, refresh_metrics=nothing, refusals={}
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop")


@pytest.mark.parametrize("name", BY_NAME)
def test_the_page_of_problems_has_a_row_for_each_type(name: str) -> None:
    assert row(BY_NAME[name]) in PAGE.read_text().splitlines()


@pytest.mark.parametrize("name", BY_NAME)
async def test_the_address_of_a_type_says_what_it_means_to_programs_and_to_people(
    name: str,
) -> None:
    type_ = BY_NAME[name]
    async with shop() as client:
        document = await client.get(type_.path)
        page = await client.get(type_.path, headers={"Accept": "text/html"})

    assert (type_.path, type_.meaning) == (document.json()["type"], document.json()["meaning"])
    assert page.headers["content-type"].startswith("text/html")
    assert type_.title.replace("'", "&#x27;") in page.text


async def test_an_unknown_type_is_not_found() -> None:
    async with shop() as client:
        assert 404 == (await client.get("/problems/nothing-of-ours")).status_code
