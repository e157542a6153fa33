"""Questions to Microsoft Graph: its access token, pages of changes, when to come again."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson

from services.chassis.http.outgoing import patience

SECONDS = 30.0
LARGEST = 16 * 1024 * 1024
# What is waited where Graph asks for patience without saying how long.
PATIENCE = 30.0
_SCOPE = "https://graph.microsoft.com/.default"
_EARLY_SECONDS = 60.0


class GraphAway(Exception):
    """Graph does not answer, or not as it should; the next round asks again."""


class ComeAgain(Exception):
    """Graph asks to wait for so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"wait {seconds:.0f} s")
        self.seconds = seconds


class StartAgain(Exception):
    """What Graph knew of our last question is gone: everything is to be read anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphAccess:
    """Where Graph is, and who asks."""

    tenant: str
    client_id: str
    client_secret: str
    url: str
    sign_in_url: str


class GraphClient:
    """Asks Graph in the name of the application; keeps its token as long as that is good."""

    def __init__(self, access: GraphAccess) -> None:
        self._access = access
        self._session: aiohttp.ClientSession | None = None
        self._token = ""
        self._until = 0.0

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def page(self, link: str) -> Mapping[str, Any]:
        """Return the page behind the link; raise GraphAway, ComeAgain, StartAgain."""
        if urlsplit(link)[:2] != urlsplit(self._access.url)[:2]:
            raise GraphAway("a link to another place")  # our token goes nowhere else
        token = await self._bearer()
        return await self._ask("GET", link, headers={"Authorization": f"Bearer {token}"})

    async def _bearer(self) -> str:
        if time.monotonic() >= self._until:
            access = self._access
            answer = await self._ask(
                "POST",
                f"{access.sign_in_url}/{access.tenant}/oauth2/v2.0/token",
                data={
                    "grant_type": "client_credentials",
                    "client_id": access.client_id,
                    "client_secret": access.client_secret,
                    "scope": _SCOPE,
                },
            )
            token, seconds = answer.get("access_token"), answer.get("expires_in")
            if not isinstance(token, str) or not isinstance(seconds, int):
                raise GraphAway("no access token")
            self._token = token
            self._until = time.monotonic() + max(seconds - _EARLY_SECONDS, 0.0)
        return self._token

    async def _ask(self, method: str, url: str, **more: Any) -> Mapping[str, Any]:
        if self._session is None:  # it belongs to the loop that runs
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        request = self._session.request(method, url, allow_redirects=False, **more)
        try:
            async with asyncio.timeout(SECONDS), request as answer:
                self._check(answer)
                found = orjson.loads(await _body(answer))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as fault:
            raise GraphAway(type(fault).__name__) from fault
        if not isinstance(found, dict):
            raise GraphAway("no object")
        return found

    def _check(self, answer: aiohttp.ClientResponse) -> None:
        match answer.status:
            case 200:
                return
            case 410:
                raise StartAgain
            case 429 | 503 | 504:
                raise ComeAgain(patience(answer.headers.get("Retry-After"), PATIENCE))
            case 401:
                self._until = 0.0  # the next question has a new token
        raise GraphAway(f"status {answer.status}")


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for part in answer.content.iter_any():
        body += part
        if len(body) > LARGEST:
            raise ValueError("too large")
    return bytes(body)
