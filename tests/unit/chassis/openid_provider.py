"""An OpenID provider on a real port: what it answers is set by a test, what it was asked is kept.

Its faults are those of a network: refused connections, no answer at all, other documents.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public(key: rsa.RSAPrivateKey, **more: Any) -> dict[str, Any]:
    """Return the public half as an entry of a key set."""
    entry = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return {**entry, **more}


class OpenIdProvider:
    """Answers discovery, keys and userinfo."""

    def __init__(self) -> None:
        self.address = ""
        self.issuer = ""
        self.asked: list[str] = []
        self.keys: list[dict[str, Any]] = [public(KEY, kid="k1")]
        self.keys_at = "/jwks"
        self.people: dict[str, Any] = {"opaque": {"sub": "anna", "roles": ["organizer"]}}
        self.fault = ""
        self.hanging = asyncio.Event()

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request, or show the fault that is set."""
        self.asked.append(request.path)
        match self.fault:
            case "away":
                assert request.transport is not None
                request.transport.abort()
            case "hangs":
                await self.hanging.wait()
            case "confused":
                return web.Response(text="<h1>Maintenance</h1>")
            case "a list":
                return web.json_response([1])
            case "huge":
                return web.Response(body=b" " * 2_000_000 + b"{}")
            case "moved":
                return web.Response(status=302, headers={"Location": f"{self.address}/elsewhere"})
            case "overrun":
                return web.Response(status=429)
        if request.path.endswith("/.well-known/openid-configuration"):
            return web.json_response(
                {
                    "issuer": self.issuer,
                    "jwks_uri": f"{self.address}{self.keys_at}",
                    "userinfo_endpoint": f"{self.address}/userinfo",
                }
            )
        if request.path == self.keys_at:
            return web.json_response({"keys": self.keys})
        person = self.people.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        return web.json_response(person) if person is not None else web.Response(status=401)

    def signed(
        self,
        key: Any = KEY,
        *,
        kid: str | None = "k1",
        algorithm: str = "RS256",
        **changed: Any,
    ) -> str:
        """Return an access token for anna; claims that are None are left out."""
        claims = {
            "iss": self.issuer,
            "aud": "bookwith",
            "sub": "anna",
            "exp": time.time() + 600,
            "roles": ["organizer"],
            "name": "Anna",
            "email": "anna@example.test",
            **changed,
        }
        return jwt.encode(
            {name: value for name, value in claims.items() if value is not None},
            key,
            algorithm=algorithm,
            headers={"kid": kid} if kid is not None else {},
        )


@asynccontextmanager
async def openid_provider() -> AsyncIterator[OpenIdProvider]:
    """Serve on a free port while the block runs."""
    provider = OpenIdProvider()
    runner = web.ServerRunner(web.Server(provider), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    provider.address = provider.issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield provider
    finally:
        provider.hanging.set()
        await runner.cleanup()
