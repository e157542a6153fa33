"""HTTP load that costs little: requests written ahead, sent over connections that stay open."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

import httptools

CONNECTIONS = 32

# Returns the next request, or None when there is none to send any more.
Next = Callable[[], bytes | None]


class Unexpected(Exception):
    """The service answered something else than what is measured."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer."""

    status: int
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class Answers:
    """What a load has been answered."""

    wanted: int
    count: int = 0
    others: list[Answer] = field(default_factory=list)

    def add(self, answer: Answer) -> None:
        if answer.status == self.wanted:
            self.count += 1
        else:
            self.others.append(answer)

    def check(self) -> None:
        if self.others:
            raise Unexpected(f"{len(self.others)} answers such as {self.others[0]}")


class Connection(asyncio.Protocol):
    """One connection: an answer calls `answered`, which may send the next request."""

    def __init__(self) -> None:
        self.answered: Callable[[Answer], None] = lambda answer: None
        self._body = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop has its own
        self._parser = httptools.HttpResponseParser(self)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        answer = Answer(self._parser.get_status_code(), bytes(self._body))
        self._body.clear()
        self.answered(answer)

    def connection_lost(self, error: Exception | None) -> None:
        self.answered(Answer(0, f"the connection was closed: {error}".encode()))

    async def ask(self, request: bytes) -> Answer:
        """Send one request and wait for its answer."""
        waiting: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.answered = waiting.set_result
        self.transport.write(request)
        answer = await waiting
        self.answered = lambda answer: None
        return answer

    def close(self) -> None:
        self.answered = lambda answer: None
        self.transport.close()


async def connect(url: str) -> Connection:
    """Open a connection to the service."""
    address = urlsplit(url)
    host, port = address.hostname or "", address.port or 80
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(Connection, host, port)
    return connection


async def run(url: str, requests: Iterator[bytes], seconds: float, wanted: int = 200) -> Answers:
    """Send requests over all connections until the time is over, and wait for the last answers."""
    until = time.perf_counter() + seconds
    answers = Answers(wanted)

    def following() -> bytes | None:
        return next(requests) if time.perf_counter() < until else None

    connections = [await connect(url) for _ in range(CONNECTIONS)]
    try:
        await asyncio.gather(*(_exhaust(each, following, answers) for each in connections))
    finally:
        for each in connections:
            each.close()
    answers.check()
    return answers


async def _exhaust(connection: Connection, following: Next, answers: Answers) -> None:
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def answered(answer: Answer) -> None:
        answers.add(answer)
        request = following() if answer.status else None
        if request is not None:
            connection.transport.write(request)
        elif not done.done():
            done.set_result(None)

    connection.answered = answered
    first = following()
    if first is not None:
        connection.transport.write(first)
        await done


async def rate(url: str, requests: Iterator[bytes], seconds: float, wanted: int = 200) -> float:
    """Return how many requests were answered in a second."""
    started = time.perf_counter()
    answers = await run(url, requests, seconds, wanted)
    return answers.count / (time.perf_counter() - started)


def get(path: str) -> bytes:
    """Return a request as browsers and programs send it, with few headers."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Language: en\r\n\r\n".encode()


def post(path: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> bytes:
    """Return a request with a JSON document."""
    content = json.dumps(body, separators=(",", ":")).encode()
    more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n{more}\r\n"
    )
    return head.encode() + content
