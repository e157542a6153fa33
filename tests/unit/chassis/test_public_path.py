"""What is put before addresses when the public URL has a path, and what is left alone."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from services.chassis.http.public_path import at_public_path

PAGE = """<link href="/assets/a.css"><script src="/assets/a.js"></script><a href="/with/anna?x=/y">
<form action="/m"><button formaction="/n"></form><a href="#times"><a href="//evil.example/">
<a href="https://example.org/book/p/1"><p>href=&#34;/typed&#34; /said</p>"""


async def page(request: Request) -> Response:
    answer = HTMLResponse(PAGE)
    answer.set_cookie("a", "1", path="/m")
    answer.headers["Refresh"] = "2;url=/m?said=moved"
    return answer


async def onward(request: Request) -> Response:
    return RedirectResponse(request.query_params["to"], 303)


async def document(request: Request) -> Response:
    return JSONResponse({"path": request.url.path, "href": '<a href="/with">'})


ROUTES = [Route("/", page), Route("/page", page), Route("/on", onward), Route("/doc", document)]


def shop(public_url: str) -> httpx.AsyncClient:
    app = at_public_path(Starlette(routes=ROUTES), public_url)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop")


@pytest.mark.parametrize("path", ["/page", "/book/page", "/book/", "/book"])
async def test_addresses_of_a_page_begin_with_the_path(path: str) -> None:
    async with shop("https://example.org/book/") as client:
        answer = await client.get(path)

    assert answer.text == (
        PAGE.replace('"/assets', '"/book/assets')
        .replace('"/with', '"/book/with')
        .replace('"/m"', '"/book/m"')
        .replace('"/n"', '"/book/n"')
    )
    assert str(len(answer.content)) == answer.headers["content-length"]
    assert "2;url=/book/m?said=moved" == answer.headers["refresh"]
    assert "Path=/book/m" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    ("to", "location"),
    [
        ("/with/anna?tz=a/b", "/book/with/anna?tz=a/b"),
        ("https://elsewhere.example/x", "https://elsewhere.example/x"),
        ("//elsewhere.example/x", "//elsewhere.example/x"),
    ],
)
async def test_redirects_to_our_own_addresses_begin_with_the_path(to: str, location: str) -> None:
    async with shop("https://example.org/book") as client:
        answer = await client.get("/on", params={"to": to})

    assert location == answer.headers["location"]


async def test_documents_for_programs_are_left_as_they_are() -> None:
    async with shop("https://example.org/book") as client:
        answer = await client.get("/book/doc")

    assert {"path": "/doc", "href": '<a href="/with">'} == answer.json()


async def test_a_public_url_without_a_path_changes_nothing() -> None:
    async with shop("https://example.org/") as client:
        answer = await client.get("/page")
        other = await client.get("/book/page")

    assert PAGE == answer.text
    assert 404 == other.status_code
