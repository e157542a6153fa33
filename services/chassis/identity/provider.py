"""The OpenID provider over HTTP: its discovery document, its keys, and what it says of a token."""

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any

import aiohttp
import structlog

log = structlog.get_logger(__name__)

DEADLINE_SECONDS = 3.0
KEYS_SECONDS = 300.0
RETRY_SECONDS = 5.0
CONNECTIONS = 20
ANSWER_BYTES = 1_000_000
# 403 too: a token that was issued without the scope `openid`.
REFUSED = (400, 401, 403)


class ProviderAway(Exception):
    """The provider does not answer, or not as a provider does."""


class Provider:
    """Keeps discovery and keys for a while, and longer while the provider is away."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        # For each of the two, so that a known key does not wait behind an unknown one.
        self._discovery = _Document()
        self._keys = _Document()
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def userinfo(self, token: str) -> dict[str, Any] | None:
        """Return what the provider says of the token's person; None when it refuses the token."""
        discovered = await self._discovered()
        return await self._get(_address(discovered, "userinfo_endpoint"), token)

    async def discovery(self) -> Mapping[str, Any]:
        """Return the provider's discovery document."""
        return await self._discovered()

    async def send_form(
        self, address: str, fields: Mapping[str, str], authorization: str | None
    ) -> tuple[int, dict[str, Any]]:
        """Send a form; return the status and the JSON object of a success or of a refusal."""
        headers = {"Accept": "application/json"}
        if authorization is not None:
            headers["Authorization"] = authorization
        try:
            async with (
                asyncio.timeout(DEADLINE_SECONDS),
                self._client().post(
                    address,
                    data=dict(fields),
                    headers=headers,
                    allow_redirects=False,  # it would carry the code to another address
                ) as answer,
            ):
                if answer.status not in (200, *REFUSED):
                    raise ProviderAway(f"status {answer.status}")
                return answer.status, _object(await _read(answer))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, RecursionError) as fault:
            raise ProviderAway(type(fault).__name__) from fault

    async def keys(self, *, anew: bool) -> tuple[list[dict[str, Any]], bool]:
        """Return the public keys, and whether they were read just now.

        `anew` reads them although they are fresh; that is done once in five seconds at most.
        """
        if not anew and self._keys.is_younger_than(KEYS_SECONDS):
            return self._keys.content["keys"], False
        async with self._keys.reading:
            if self._keys.is_younger_than(RETRY_SECONDS if anew else KEYS_SECONDS):
                return self._keys.content["keys"], False
            if not self._keys.may_be_tried():
                if self._keys.content and not anew:
                    return self._keys.content["keys"], False
                raise ProviderAway("it did not answer a moment ago")
            try:
                # With the keys, where they are is read again: that changes with a new provider.
                discovered = await self._discovered(anew=True)
                self._keys.keep(_key_set(await self._get(_address(discovered, "jwks_uri"))))
            except ProviderAway:
                self._keys.failed()
                if anew or not self._keys.content:
                    raise
                log.warning("oidc_keys_kept")  # who is away has not withdrawn the key
                return self._keys.content["keys"], False
            return self._keys.content["keys"], True

    async def _discovered(self, *, anew: bool = False) -> dict[str, Any]:
        if not anew and self._discovery.is_younger_than(KEYS_SECONDS):
            return self._discovery.content
        async with self._discovery.reading:
            if self._discovery.is_younger_than(RETRY_SECONDS):
                return self._discovery.content
            if not self._discovery.may_be_tried():
                if self._discovery.content and not anew:
                    return self._discovery.content
                raise ProviderAway("it did not answer a moment ago")
            address = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
            try:
                found = await self._get(address) or {}
            except ProviderAway:
                self._discovery.failed()
                if anew or not self._discovery.content:
                    raise
                return self._discovery.content
            if found.get("issuer", self.issuer) != self.issuer:
                # Its tokens will be refused, which compare the issuer as it is written.
                log.warning("oidc_issuer_differs", said=str(found["issuer"])[:200])
            self._discovery.keep(found)
            return found

    async def _get(self, address: str, token: str | None = None) -> dict[str, Any] | None:
        """Return the JSON object at the address; None if the token is refused there."""
        headers = {"Accept": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        try:
            async with (
                asyncio.timeout(DEADLINE_SECONDS),
                # A redirect would carry the token to another address.
                self._client().get(address, headers=headers, allow_redirects=False) as answer,
            ):
                if token is not None and answer.status in REFUSED:
                    return None
                if answer.status != 200:
                    raise ProviderAway(f"status {answer.status}")
                return _object(await _read(answer))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, RecursionError) as fault:
            raise ProviderAway(type(fault).__name__) from fault

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=True,  # the provider may be reached by a proxy
            )
        return self._session


class _Document:
    """Something of the provider that is kept, and when it was read or tried."""

    def __init__(self) -> None:
        self.content: dict[str, Any] = {}
        self.reading = asyncio.Lock()
        self._read_at = self._failed_at = -float("inf")

    def keep(self, content: dict[str, Any]) -> None:
        self.content, self._read_at, self._failed_at = content, time.monotonic(), -float("inf")

    def failed(self) -> None:
        self._failed_at = time.monotonic()

    def is_younger_than(self, seconds: float) -> bool:
        return time.monotonic() - self._read_at <= seconds

    def may_be_tried(self) -> bool:
        return time.monotonic() - self._failed_at > RETRY_SECONDS


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for part in answer.content.iter_any():
        body += part
        if len(body) > ANSWER_BYTES:
            raise ProviderAway("its answer is too large")
    return bytes(body)


def _object(body: bytes) -> dict[str, Any]:
    found = json.loads(body)
    if not isinstance(found, dict):
        raise ProviderAway("its answer is no object")
    return found


def _address(discovered: dict[str, Any], name: str) -> str:
    address = discovered.get(name)
    if not isinstance(address, str):
        raise ProviderAway(f"its discovery document has no {name}")
    return address


def _key_set(document: dict[str, Any] | None) -> dict[str, Any]:
    keys = (document or {}).get("keys")
    if not isinstance(keys, list):
        raise ProviderAway("it has no keys")
    return {"keys": [key for key in keys if isinstance(key, dict)]}
