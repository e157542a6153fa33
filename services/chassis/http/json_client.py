"""Another service asked over HTTP: by a deadline, for JSON of a largest size, and nothing else."""

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Literal, TypeVar

import aiohttp
import orjson
import structlog

log = structlog.get_logger(__name__)

# More requests at once wait for a connection, as long as the deadline lets them.
CONNECTIONS = 32
_NOTHING: Mapping[str, str] = MappingProxyType({})

Answer = TypeVar("Answer")


class NoAnswer(Exception):
    """The service did not answer in time, or not as it should; that is in the log."""


class Refused(Exception):
    """The service said no, with a status of which the caller knows what it means."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _NotUsable(Exception):
    """What was answered is not what the service answers."""


class JsonClient:
    """Asks one service; its connections are kept for the next question."""

    def __init__(self, url: str, *, name: str, seconds: float, largest: int) -> None:
        """`name` is the service's in the log; an answer has at most `largest` bytes."""
        self._url = url
        self._name = name
        self._seconds = seconds
        self._largest = largest
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def get(
        self,
        path: str,
        read: Callable[[Any], Answer],
        *,
        query: Mapping[str, str] = _NOTHING,
        headers: Mapping[str, str] = _NOTHING,
        refusals: frozenset[int] = frozenset(),
    ) -> Answer:
        """Return what `read` makes of the answer; raise NoAnswer, or Refused for a refusal."""
        return await self._ask("GET", path, read, query, headers, refusals)

    async def post(
        self,
        path: str,
        read: Callable[[Any], Answer],
        *,
        headers: Mapping[str, str] = _NOTHING,
        refusals: frozenset[int] = frozenset(),
    ) -> Answer:
        """Do as `get` does, with a command that has no body."""
        return await self._ask("POST", path, read, _NOTHING, headers, refusals)

    async def _ask(
        self,
        method: Literal["GET", "POST"],
        path: str,
        read: Callable[[Any], Answer],
        query: Mapping[str, str],
        headers: Mapping[str, str],
        refusals: frozenset[int],
    ) -> Answer:
        if self._session is None:  # it belongs to the loop that runs
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        request = self._session.request(
            method, self._url + path, params=query, headers=headers, allow_redirects=False
        )
        try:
            async with asyncio.timeout(self._seconds), request as answer:
                _check(answer.status, refusals)
                return _read(read, await self._body(answer))
        except (aiohttp.ClientError, TimeoutError, OSError, _NotUsable) as fault:
            log.warning(
                "neighbour_does_not_answer",
                neighbour=self._name,
                asked=path,
                fault=type(fault.__cause__ or fault).__name__,
            )
            raise NoAnswer from fault

    async def _body(self, answer: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for part in answer.content.iter_any():
            body += part
            if len(body) > self._largest:
                raise _NotUsable(len(body))
        return bytes(body)


def _check(status: int, refusals: frozenset[int]) -> None:
    if status in refusals:
        raise Refused(status)
    if status != HTTPStatus.OK:
        raise _NotUsable(status)


def _read(read: Callable[[Any], Answer], body: bytes) -> Answer:
    try:
        return read(orjson.loads(body))
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise _NotUsable from fault
