"""A public URL with a path, behind a proxy process that strips it: the journey of a visitor."""

import asyncio
import re
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from services.chassis.http.connections import Connections
from services.chassis.http.server import HttpServer
from tests.component.booking.booking_service import BookingService, Organizer, day
from tests.component.booking.browsing import Visitor, heading, offer
from tests.component.booking.conftest import FreeTimesServer
from tests.running_service import free_port

PATH = "/book"
_ADDRESS = re.compile(r'(?:href|src|action)="(/[^"]*)"')


async def until_it_answers(port: int) -> None:
    async with asyncio.timeout(20):
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def behind_a_proxy(service: BookingService) -> AsyncIterator[tuple[str, str]]:
    """Serve booking on a port of its own, behind a proxy; yield both addresses."""
    outer, inner = free_port(), socket.create_server(("127.0.0.1", 0))
    inner.setblocking(False)
    public, own = f"http://127.0.0.1:{outer}{PATH}", f"http://127.0.0.1:{inner.getsockname()[1]}"
    async with service.another_process(public_url=public) as other:
        assert other.booking.process.app is not None
        server = HttpServer(other.booking.process.app, Connections(100))
        serving = asyncio.create_task(server.serve(sockets=[inner]))
        module = "tests.component.booking.stripping_proxy"
        command = (sys.executable, "-m", module, str(outer), PATH, own)
        proxy = await asyncio.create_subprocess_exec(*command)
        try:
            await until_it_answers(outer)
            yield public, own
        finally:
            proxy.kill()
            await proxy.wait()
            server.should_exit = True
            await serving


async def test_a_visitor_books_and_cancels_behind_a_proxy_that_strips_the_path(
    service: BookingService, anna: Organizer, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type()
    offer(free_times, day(3))
    place = f"/with/{anna.identity}/{kind['slug']}"
    async with (
        behind_a_proxy(service) as (public, _),
        httpx.AsyncClient(follow_redirects=True, timeout=30) as client,
    ):
        visitor = Visitor(client)
        seen = [await client.get(f"{public}/with/{anna.identity}")]
        seen.append(await client.get(f"{public}{place}?day={day(3)[:10]}"))
        seen.append(await submit(visitor, seen[-1], place, start=day(3)))
        seen.append(
            await submit(visitor, seen[-1], "/confirm", name="Vera", email="v@visitors.example")
        )
        booked = seen[-1]
        cancel = next(each for each in _ADDRESS.findall(booked.text) if "/cancel" in each)
        seen.append(await client.get(f"{public.removesuffix(PATH)}{cancel}"))
        seen.append(await submit(visitor, seen[-1], "/cancel", reason=""))
        files = [
            await client.get(f"{public.removesuffix(PATH)}{each}")
            for each in _ADDRESS.findall(booked.text)
            if "/assets/" in each or each.endswith(".ics")
        ]
        lost = await client.get(f"{public}/nowhere", headers={"Accept": "text/html"})

    assert [200] * 6 == [page.status_code for page in seen]
    assert "cancelled" in heading(seen[-1]).lower()
    for page in (*seen, lost):
        addresses = _ADDRESS.findall(page.text)
        assert addresses
        assert [] == [each for each in addresses if not each.startswith(f"{PATH}/")]
        assert [] == [each for each in addresses if each.startswith(f"{PATH}{PATH}")]
    assert 404 == lost.status_code
    assert {200} == {file.status_code for file in files}
    assert len(files) >= 4
    told = [each for page in seen for answer in (*page.history, page) for each in cookies(answer)]
    assert told
    assert {True} == {f"path={PATH}/m/booking/" in each.lower() or PATH in each for each in told}


async def test_a_proxy_that_does_not_strip_the_path_works_as_well(
    service: BookingService, anna: Organizer
) -> None:
    async with behind_a_proxy(service) as (_, own), httpx.AsyncClient() as client:
        stripped = await client.get(f"{own}/with/{anna.identity}")
        whole = await client.get(f"{own}{PATH}/with/{anna.identity}")
        alive = await client.get(f"{own}/livez")
        asked = await client.head(f"{own}/with/{anna.identity}")

    assert (200, 200, 200, 200) == tuple(
        each.status_code for each in (stripped, whole, alive, asked)
    )
    assert _ADDRESS.findall(whole.text) == _ADDRESS.findall(stripped.text)


def cookies(answer: httpx.Response) -> list[str]:
    return answer.headers.get_list("set-cookie")


async def submit(
    visitor: Visitor, page: httpx.Response, place: str, **typed: str
) -> httpx.Response:
    """Send the form of the page from the page's own site, as a browser does."""
    visitor.http.base_url = httpx.URL(f"{page.url.scheme}://{page.url.netloc.decode()}")
    visitor.http.headers["Origin"] = f"{page.url.scheme}://{page.url.netloc.decode()}"
    return await visitor.submit(page, place, **typed)


@pytest.fixture(autouse=True)
def _nobody_else_uses_these_times(free_times: FreeTimesServer) -> None:
    """Begin without free times."""
