"""Requests to addresses that people have typed: bounded, and never into our own network.

What is checked is the address that the socket connects to, so neither a name that resolves anew
nor a redirect leads elsewhere. Redirects are followed by hand; credentials stay with their origin.
"""

import asyncio
import base64
import socket
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

import aiohttp

from services.chassis.http.networks import Network, may_connect

_NOTHING: Mapping[str, str] = MappingProxyType({})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# What is sent again to another address; a command is not.
_SENT_AGAIN = frozenset({"GET", "HEAD", "PROPFIND", "REPORT", "OPTIONS"})
_CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization"})
MOST_REDIRECTS = 5
# Where a server asks for patience without saying how long, and at most.
PATIENCE, LONGEST_PATIENCE = 60.0, 3600.0


class NotAllowed(Exception):
    """The address is not one that may be asked: of a private network, or no web address."""


class NotReached(Exception):
    """The server does not answer, or not in time; the text has no address and no secret."""


class TooLarge(Exception):
    """The answer has more bytes than may be read."""


class _Inside(OSError):
    """A socket would have connected to an address that is not allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BasicAuth:
    """What opens a server."""

    user_name: str
    password: str

    @property
    def header(self) -> str:
        """Return the header's value (RFC 7617)."""
        login = f"{self.user_name}:{self.password}".encode()
        return f"Basic {base64.b64encode(login).decode()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answered, from which address; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    @property
    def retry_after(self) -> float:
        """Return for how many seconds to wait: the header has seconds, or a date."""
        return patience(self.headers.get("retry-after"))


class Outgoing:
    """Asks servers of the internet; connections are not kept, for each is of another server."""

    def __init__(self, allowed: Sequence[Network] = (), *, seconds: float, largest: int) -> None:
        """An answer has at most `largest` bytes, unpacked; all of it comes in `seconds`."""
        self._allowed = allowed
        self._seconds = seconds
        self._largest = largest

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] = _NOTHING,
        body: bytes | None = None,
        auth: BasicAuth | None = None,
    ) -> Answer:
        """Return the answer; raise NotAllowed, NotReached, TooLarge."""
        first = web_address(url)
        try:
            async with asyncio.timeout(self._seconds), self._session() as session:
                asked = first
                for _ in range(MOST_REDIRECTS + 1):
                    at_home = _origin(asked) == _origin(first)
                    sent = headers if at_home else _without_credentials(headers)
                    answer = await self._ask(
                        session, method, asked, sent, body, auth if at_home else None
                    )
                    target = _target(method, answer)
                    if target is None:
                        return answer
                    asked = target
        except TimeoutError as fault:
            raise NotReached("it took too long") from fault
        raise NotReached("too many redirects")

    def _session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            socket_factory=self._socket, use_dns_cache=False, force_close=True, limit=1
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            skip_auto_headers=("User-Agent",),
            max_line_size=16_384,
            max_field_size=16_384,
        )

    def _socket(self, address: Any) -> socket.socket:
        family, kind, protocol, _, (host, *_) = address
        if not may_connect(host, self._allowed):
            raise _Inside("an address that is not allowed")
        return socket.socket(family, kind, protocol)

    async def _ask(
        self,
        session: aiohttp.ClientSession,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        auth: BasicAuth | None,
    ) -> Answer:
        sent = {"Accept-Encoding": "gzip", "User-Agent": "Bookwith", **headers}
        if auth is not None:
            sent["Authorization"] = auth.header
        request = session.request(method, url, headers=sent, data=body, allow_redirects=False)
        try:
            async with request as answer:
                content = await self._body(answer)
                named = {name.lower(): value for name, value in answer.headers.items()}
                return Answer(status=answer.status, headers=named, body=content, url=url)
        except aiohttp.InvalidURL as fault:
            raise NotAllowed("no web address") from fault
        except aiohttp.ClientConnectorError as fault:
            if _is_inside(fault):
                raise NotAllowed("a private network") from fault
            raise NotReached(type(fault).__name__) from fault
        except (aiohttp.ClientError, OSError, UnicodeError, ValueError, zlib.error) as fault:
            raise NotReached(type(fault).__name__) from fault

    async def _body(self, answer: aiohttp.ClientResponse) -> bytes:
        unpack = _unpacker(answer.headers.get("Content-Encoding", ""))
        body = bytearray()
        async for part in answer.content.iter_any():
            if unpack is None:
                body += part
            else:
                body += unpack.decompress(part, self._largest - len(body) + 1)
            if len(body) > self._largest:
                raise TooLarge
        return bytes(body)


def web_address(url: str) -> str:
    """Return the address as it is asked: webcal is https; raise NotAllowed if it is none."""
    try:
        parts = urlsplit(url.strip())
        scheme = {"webcal": "https", "webcals": "https"}.get(parts.scheme.lower(), parts.scheme)
        host, has_login = parts.hostname, parts.username is not None or parts.password is not None
        _ = parts.port
    except ValueError as fault:
        raise NotAllowed("no web address") from fault
    if scheme.lower() not in {"http", "https"} or not host or has_login:
        raise NotAllowed("no web address")
    return urlunsplit((scheme.lower(), parts.netloc, parts.path, parts.query, ""))


def patience(retry_after: str | None, otherwise: float = PATIENCE) -> float:
    """Return for how long to wait: a header has seconds, or a date."""
    text = (retry_after or "").strip()
    seconds = otherwise
    if text.isascii() and text.isdigit():
        seconds = float(text[:9])
    elif text:
        try:
            until = parsedate_to_datetime(text)
            aware = until if until.tzinfo else until.replace(tzinfo=UTC)
            seconds = (aware - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            seconds = otherwise
    return min(max(seconds, 1.0), LONGEST_PATIENCE)


def _target(method: str, answer: Answer) -> str | None:
    """Return where the answer sends us; raise NotAllowed for a place to which we do not go."""
    place = answer.headers.get("location")
    if answer.status not in _REDIRECTS or method not in _SENT_AGAIN or not place:
        return None
    target = web_address(urljoin(answer.url, place))
    if answer.url.startswith("https:") and not target.startswith("https:"):
        raise NotAllowed("a redirect away from https")
    return target


def _without_credentials(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: each for name, each in headers.items() if name.lower() not in _CREDENTIALS}


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _unpacker(encoding: str) -> Any:
    """Return what unpacks the body; only gzip is asked for."""
    match encoding.strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip":
            return zlib.decompressobj(16 + zlib.MAX_WBITS)
    raise ValueError("an encoding that was not asked for")


def _is_inside(fault: BaseException) -> bool:
    """Tell whether the socket was refused by us, which happens under several tries."""
    found: list[BaseException | None] = [fault]
    while found:
        each = found.pop()
        if isinstance(each, _Inside):
            return True
        if isinstance(each, BaseExceptionGroup):
            found += each.exceptions
        if each is not None:
            found += [each.__cause__, each.__context__]
            found += [getattr(each, "os_error", None)] if each is fault else []
    return False
