"""Bounds on connections, on real sockets: heads, bodies, pauses, how many are open."""

import asyncio
import json
import socket
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from time import monotonic

import pytest
from starlette.types import Receive, Scope, Send

from services.chassis.http.connections import Bounds, Connections
from services.chassis.http.server import HttpServer
from services.chassis.runtime.listening import listen

HEAD = b"POST /things HTTP/1.1\r\nHost: shop\r\n"
SHORT = Bounds(head_seconds=0.4, body_seconds=0.4, linger_seconds=0.2, fresh_seconds=0.1)


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the path and the size of the body: /slow late, /large at length."""
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    if scope["path"] == "/slow":
        await asyncio.sleep(0.3)
    body = f"{scope['path']} {size}".encode()
    if scope["path"] == "/large":
        body *= 2_000_000
    length = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": length})
    await send({"type": "http.response.body", "body": body})


class Shop:
    """A server on a port of its own."""

    def __init__(self, connections: Connections, port: int) -> None:
        self.connections = connections
        self.port = port

    @asynccontextmanager
    async def connected(self) -> AsyncIterator["Client"]:
        client = Client(*await asyncio.open_connection("127.0.0.1", self.port))
        yield client
        client.writer.transport.abort()

    async def answers(self, sent: bytes) -> bytes:
        """Send it on a connection of its own; return what comes until the server ends it."""
        async with self.connected() as client:
            await client.send(sent)
            return await client.rest()


class Client:
    """One connection to the shop."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def trickle(self, data: bytes, pause: float) -> None:
        """Send byte by byte, until the other side has had enough."""
        for byte in data:
            await self.send(bytes([byte]))
            await asyncio.sleep(pause)

    async def rest(self) -> bytes:
        """Return all that comes until the server ends the connection."""
        async with asyncio.timeout(5):
            return await self.reader.read()

    async def answer(self) -> bytes:
        """Return one answer with its body."""
        async with asyncio.timeout(5):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            return head + await self.reader.readexactly(length)


@asynccontextmanager
async def serving(connections: Connections) -> AsyncIterator[Shop]:
    listening = listen("127.0.0.1", 0).socket
    server = HttpServer(echo, connections)
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup(sockets=[listening])
    yield Shop(connections, listening.getsockname()[1])
    await server.shutdown(sockets=[listening])


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    """A shop with the bounds that services have, but for the times: those are short."""
    async with serving(Connections(50, SHORT)) as started:
        yield started


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def problem(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    assert b"connection: close" in head.lower()
    return status(answer), json.loads(body)["type"]


async def pour(client: Client, piece: bytes, most: int) -> tuple[bytes, int]:
    """Send the piece again and again until an answer comes; return it, and how much was sent."""
    answering, sent = asyncio.create_task(client.answer()), 0
    while not answering.done() and sent < most:
        await client.send(piece)
        sent += len(piece)
        await asyncio.sleep(0)
    return await answering, sent


def test_the_bounds_of_a_service_are_those_that_are_documented() -> None:
    bounds = Bounds()

    assert (32 * 1024, 100) == (bounds.head_bytes, bounds.headers)
    assert (10, 30, 30, 75) == (
        bounds.head_seconds,
        bounds.body_seconds,
        bounds.stalled_seconds,
        bounds.keep_alive_seconds,
    )


@pytest.mark.parametrize(
    "head",
    [
        HEAD + b"X-Long: " + b"a" * 40_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: shop\r\n\r\n",
        HEAD + b"".join(b"X-%d: 1\r\n" % n for n in range(100)) + b"\r\n",
        HEAD
        + b"X-Many: "
        + b"a" * 11_000
        + b"\r\nX-2: "
        + b"a" * 11_000
        + b"\r\nX-3: "
        + b"a" * 11_000,
    ],
    ids=["a long header", "a long address", "many headers", "several headers, not ended"],
)
async def test_a_head_past_its_bound_is_431(shop: Shop, head: bytes) -> None:
    assert (431, "/problems/head-too-large") == problem(await shop.answers(head))


async def test_a_head_within_its_bound_is_read_in_pieces_too(shop: Shop) -> None:
    head = (
        HEAD
        + b"X-Long: "
        + b"a" * 30_000
        + b"\r\n"
        + b"X-1: 1\r\n" * 90
        + b"Content-Length: 2\r\n\r\n"
    )
    async with shop.connected() as client:
        for start in range(0, len(head), 1000):
            await client.send(head[start : start + 1000])
        await client.send(b"ab")

        assert b"/things 2" in await client.answer()


@pytest.mark.parametrize(
    ("opening", "piece", "refused"),
    [
        (HEAD + b"X-Endless: ", b"a" * 1000, 431),
        (HEAD, b"X-Again: 1\r\n" * 50, 431),
        (b"GET /", b"a" * 1000, 431),
        (b"", b"\r\n" * 500, 431),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;a=", b"b" * 1000, 400),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Late: ", b"c" * 1000, 400),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n", b"X-Late: 1\r\n" * 50, 431),
    ],
    ids=["header", "headers", "address", "lines", "chunk extension", "trailer", "trailers"],
)
async def test_what_never_ends_is_refused_and_is_not_kept_in_memory(
    shop: Shop, opening: bytes, piece: bytes, refused: int
) -> None:
    tracemalloc.start()
    async with shop.connected() as client:
        await client.send(opening)
        answer, sent = await pour(client, piece, most=20_000_000)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert refused == status(answer)
    assert sent < 10_000_000
    assert peak < 8_000_000


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01",
        b"GET / HTTP/1.1\r\nHost shop\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
    ],
    ids=["TLS", "a header without colon", "an address that is no ASCII"],
)
async def test_what_is_not_http_is_400(shop: Shop, sent: bytes) -> None:
    assert (400, "/problems/malformed") == problem(await shop.answers(sent))


async def test_a_connection_that_sends_nothing_is_closed(shop: Shop) -> None:
    began = monotonic()

    assert b"" == await shop.answers(b"")
    assert 0.3 < monotonic() - began < 2


@pytest.mark.parametrize("sent", [b"GET / HT", HEAD, HEAD + b"X-Half: "])
async def test_half_a_head_is_408(shop: Shop, sent: bytes) -> None:
    assert (408, "/problems/too-slow") == problem(await shop.answers(sent))


@pytest.mark.parametrize(
    "sent",
    [
        HEAD + b"Content-Length: 10\r\n\r\nab",
        HEAD + b"Content-Length: 10\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
    ],
    ids=["half", "none", "no chunk", "no last chunk"],
)
async def test_a_body_without_its_end_is_408(shop: Shop, sent: bytes) -> None:
    assert (408, "/problems/too-slow") == problem(await shop.answers(sent))


@pytest.mark.parametrize(
    ("first", "trickled"),
    [(b"", HEAD * 10), (HEAD + b"Content-Length: 100\r\n\r\n", b"a" * 100)],
    ids=["head", "body"],
)
async def test_sending_a_little_now_and_then_gives_no_more_time(
    shop: Shop, first: bytes, trickled: bytes
) -> None:
    began = monotonic()
    async with shop.connected() as client:
        await client.send(first)
        sending = asyncio.create_task(client.trickle(trickled, 0.05))

        assert (408, "/problems/too-slow") == problem(await client.rest())
        assert monotonic() - began < 2
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def test_blank_lines_between_requests_do_not_keep_a_connection(shop: Shop) -> None:
    async with shop.connected() as client:
        await client.send(b"GET /a HTTP/1.1\r\nHost: shop\r\n\r\n")
        await client.answer()
        await client.send(b"\r\n")

        assert b"" == await client.rest()


async def test_a_connection_is_kept_between_requests_for_a_while_only() -> None:
    bounds = replace(SHORT, keep_alive_seconds=1)
    async with serving(Connections(50, bounds)) as shop, shop.connected() as client:
        for path in (b"/a", b"/b"):
            await client.send(b"GET " + path + b" HTTP/1.1\r\nHost: shop\r\n\r\n")
            assert path in await client.answer()
            await asyncio.sleep(0.6)  # longer than a head may take
        began = monotonic()

        assert b"" == await client.rest()
        assert monotonic() - began < 2


async def test_pipelined_requests_are_answered_in_order(shop: Shop) -> None:
    async with shop.connected() as client:
        await client.send(
            b"".join(
                b"GET /%s HTTP/1.1\r\nHost: shop\r\n\r\n" % path for path in (b"slow", b"b", b"c")
            )
        )

        assert [b"/slow 0", b"/b 0", b"/c 0"] == [
            (await client.answer()).partition(b"\r\n\r\n")[2] for _ in range(3)
        ]


async def test_a_thousand_pipelined_requests_are_not_kept(shop: Shop) -> None:
    async with shop.connected() as client:
        asked = b"GET /%s HTTP/1.1\r\nHost: shop\r\n\r\n"
        await client.send(asked % b"slow" + (asked % b"a") * 1000)
        answered = (await client.rest()).count(b"HTTP/1.1 200")

    assert 1 <= answered <= Bounds().pipelined + 2


async def test_a_refusal_waits_for_the_answers_before_it(shop: Shop) -> None:
    answers = await shop.answers(b"GET /slow HTTP/1.1\r\nHost: shop\r\n\r\n" + b"no http\r\n\r\n")

    assert 200 == status(answers)
    assert answers.endswith(b"/slow 0")


async def test_silent_connections_make_room_for_those_that_ask(shop: Shop) -> None:
    async def silent() -> Client:
        return Client(*await asyncio.open_connection("127.0.0.1", shop.port))

    held = [await silent() for _ in range(shop.connections.most + 20)]
    async with shop.connected() as client:
        await client.send(b"GET /a HTTP/1.1\r\nHost: shop\r\n\r\n")

        assert b"/a 0" in await client.answer()
        assert len(shop.connections) <= shop.connections.most
    for each in held:
        each.writer.transport.abort()


async def test_connections_past_the_bound_with_requests_under_way_are_503() -> None:
    slow = b"GET /slow HTTP/1.1\r\nHost: shop\r\n\r\n"
    async with serving(Connections(2, SHORT)) as shop, shop.connected() as a, shop.connected() as b:
        await a.send(slow)
        await b.send(slow)
        await asyncio.sleep(0.1)
        refused = await shop.answers(b"GET /a HTTP/1.1\r\nHost: shop\r\n\r\n")
        first = await a.answer()

    assert (503, "/problems/unavailable") == problem(refused)
    assert b"Retry-After: 2" in refused
    assert b"/slow 0" in first


async def test_who_goes_on_sending_behind_a_refusal_is_cut_off(shop: Shop) -> None:
    async with shop.connected() as client:
        await client.send(HEAD + b"X-Long: " + b"a" * 40_000)
        sent = 0
        with pytest.raises(ConnectionError):
            while sent < 100_000_000:
                await client.send(b"a" * 100_000)
                sent += 100_000

    assert sent < 20_000_000


async def test_a_client_that_does_not_read_is_left() -> None:
    bounds = replace(SHORT, stalled_seconds=0.4)
    async with serving(Connections(50, bounds)) as shop:
        with socket.socket() as client:
            client.setblocking(False)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(client, ("127.0.0.1", shop.port))
            await loop.sock_sendall(client, b"GET /large HTTP/1.1\r\nHost: shop\r\n\r\n")
            async with asyncio.timeout(5):
                while len(shop.connections) == 0:
                    await asyncio.sleep(0.01)
                while len(shop.connections) > 0:
                    await asyncio.sleep(0.01)
