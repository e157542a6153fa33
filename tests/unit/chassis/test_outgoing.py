"""Requests to addresses that people type: bounded in time and size, never into our own network."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from services.chassis.http.networks import may_connect, networks
from services.chassis.http.outgoing import (
    BasicAuth,
    NotAllowed,
    NotReached,
    Outgoing,
    TooLarge,
    patience,
    web_address,
)

HERE = networks("127.0.0.0/8")
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def served(handler: Handler) -> AsyncIterator[str]:
    runner = web.ServerRunner(web.Server(handler))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def outgoing(seconds: float = 5, largest: int = 1_000_000, *, guarded: bool = False) -> Outgoing:
    return Outgoing(() if guarded else HERE, seconds=seconds, largest=largest)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "192.0.0.192",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a00:1",
        "64:ff9b:1:7f00:0:100:808:808",
        "::ffff:0:127.0.0.1",
        "fec0::1",
        "168.63.129.16",
        "2002:7f00:1::",
        "2001:db8::1",
        "not an address",
    ],
)
def test_no_address_of_a_private_network_is_asked(address: str) -> None:
    assert not may_connect(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses_are_asked(address: str) -> None:
    assert may_connect(address)


def test_the_deployment_may_allow_a_network_in_any_of_its_forms() -> None:
    allowed = networks("10.1.0.0/16, fd00::/8")

    assert may_connect("10.1.2.3", allowed)
    assert may_connect("::ffff:10.1.2.3", allowed)
    assert may_connect("fd00::1", allowed)
    assert not may_connect("10.2.2.3", allowed)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/x",
        "file:///etc/passwd",
        "https://anna:secret@a.example/",
        "https:///x",
        "a.example/x",
        "http://[::1",
        "http://a.example:99999/",
        "gopher://a.example",
        "",
    ],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(NotAllowed):
        web_address(url)


def test_webcal_is_read_as_https() -> None:
    assert web_address(" webcal://a.example/cal.ics#x ") == "https://a.example/cal.ics"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "127.1", "[::ffff:127.0.0.1]"]
)
async def test_our_own_machine_is_not_asked_under_any_name(host: str) -> None:
    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text="inside")

    async with served(answer) as url:
        port = url.rsplit(":", 1)[1]
        with pytest.raises((NotAllowed, NotReached)):
            await outgoing(guarded=True).request("GET", f"http://{host}:{port}/")


async def test_a_redirect_to_our_own_network_is_not_followed() -> None:
    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": "http://169.254.169.254/latest"})

    async with served(answer) as url:
        with pytest.raises(NotAllowed):
            await outgoing().request("GET", url)


async def test_credentials_stay_with_their_origin_when_redirected() -> None:
    seen: list[str | None] = []

    async def there(request: web.BaseRequest) -> web.StreamResponse:
        seen.append(request.headers.get("Authorization"))
        return web.Response(text="there")

    async with served(there) as target:

        async def here(request: web.BaseRequest) -> web.StreamResponse:
            seen.append(request.headers.get("Authorization"))
            place = target if request.path == "/away" else "/away"
            return web.Response(status=301, headers={"Location": place})

        async with served(here) as url:
            auth = BasicAuth(user_name="anna", password="horse")
            answer = await outgoing().request("PROPFIND", url, auth=auth)
            await outgoing().request("GET", url, headers={"authorization": "Bearer token"})

    assert answer.body == b"there"
    basic, bearer = "Basic YW5uYTpob3JzZQ==", "Bearer token"
    assert seen == [basic, basic, None, bearer, bearer, None]


async def test_redirects_in_a_circle_end() -> None:
    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": "/again"})

    async with served(answer) as url:
        with pytest.raises(NotReached):
            await outgoing().request("GET", url)


async def test_a_command_is_not_sent_to_another_address() -> None:
    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    async with served(answer) as url:
        assert (await outgoing().request("PUT", url, body=b"x")).status == 307


async def test_an_answer_that_is_too_large_is_given_up_when_it_is() -> None:
    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65_536)

    async with served(endless) as url:
        with pytest.raises(TooLarge):
            await outgoing(largest=100_000).request("GET", url)


async def test_a_packed_answer_counts_unpacked() -> None:
    bomb = gzip.compress(b"0" * 50_000_000)

    async def packed(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    async with served(packed) as url:
        with pytest.raises(TooLarge):
            await outgoing().request("GET", url)
        assert len((await outgoing(largest=60_000_000).request("GET", url)).body) == 50_000_000


async def test_an_answer_that_drips_is_given_up_in_time() -> None:
    async def drip(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x")
            await asyncio.sleep(0.05)

    async with served(drip) as url:
        begun = time.monotonic()
        with pytest.raises(NotReached):
            await outgoing(seconds=0.5).request("GET", url)
        assert time.monotonic() - begun < 5


async def test_who_is_not_there_or_talks_nonsense_is_not_reached() -> None:
    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(nonsense, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(NotReached):
        await outgoing().request("GET", f"http://127.0.0.1:{port}/")
    server.close()
    await server.wait_closed()
    with pytest.raises(NotReached):
        await outgoing().request("GET", f"http://127.0.0.1:{port}/")
    with pytest.raises(NotReached):
        await outgoing().request("GET", "http://nobody.invalid/")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), (None, 60.0), ("soon", 60.0), ("999999999", 3600.0), ("0", 1.0)],
)
def test_how_long_a_server_asks_to_wait_is_bounded(header: str | None, seconds: float) -> None:
    assert patience(header) == seconds
