"""A small site behind the sign-in, its provider with scripted answers, and a browser in front."""

import base64
import hashlib
import html
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import jwt
from aiohttp import web
from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from services.chassis.http.application import create_app
from services.chassis.http.form_fields import fields_of
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.identity.form_keys import check_session, session_key
from services.chassis.identity.provider import Provider
from services.chassis.sign_in.cookies import SetCookies
from services.chassis.sign_in.notices import Notice
from services.chassis.sign_in.settings import SignInSettings
from services.chassis.sign_in.setup import SignIn, sign_in_of
from tests.unit.chassis.openid_provider import KEY, OpenIdProvider

NAMESPACE = UUID("5b0a3c1e-3f0e-4a7e-9d35-1d0a6f6f7a11")
KEYS = KeyRing.parse("1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY")
SITE = "https://times.example"
CLIENT = "times"
ROLES = frozenset({"organizer"})


@dataclass(slots=True)
class ScriptedProvider:
    """Signs id tokens with the claims and the key that a test sets, once for each code."""

    documents: OpenIdProvider
    claims: dict[str, Any] = field(default_factory=dict)
    key: Any = KEY
    kid: str | None = "k1"
    algorithm: str = "RS256"
    refusal: str = ""
    discovery: dict[str, Any] = field(default_factory=dict)
    exchanged: list[dict[str, str]] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    nonces: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        """Return the issuer."""
        return self.documents.issuer

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        if request.path == "/token":
            return await self._token(request)
        answer = await self.documents(request)
        if request.path.endswith("openid-configuration") and self.documents.fault in (
            "",
            "no tokens",
        ):
            address = self.documents.address
            found = {
                "issuer": self.issuer,
                "jwks_uri": f"{address}/jwks",
                "userinfo_endpoint": f"{address}/userinfo",
                "authorization_endpoint": f"{address}/authorize",
                "token_endpoint": f"{address}/token",
                "end_session_endpoint": f"{address}/out",
                **self.discovery,
            }
            return web.json_response({k: v for k, v in found.items() if v is not None})
        return answer

    def code_for(self, address: str) -> tuple[str, str]:
        """Sign the browser in that was sent to the address; return the code and the state."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.nonces)}"
        self.nonces[code] = asked
        return code, asked["state"]

    async def _token(self, request: web.BaseRequest) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.exchanged.append(form)
        self.authorizations.append(request.headers.get("Authorization", ""))
        if self.documents.fault == "no tokens":
            assert request.transport is not None
            request.transport.abort()
        if self.refusal:
            return web.json_response({"error": self.refusal}, status=400)
        asked = self.nonces.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or asked["code_challenge"] != challenge:
            return web.json_response({"error": "invalid_grant"}, status=400)
        said = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "anna",
            "exp": time.time() + 600,
            "nonce": asked["nonce"],
            "roles": ["organizer"],
            "name": "Anna",
            "email": "anna@example.test",
            **self.claims,
        }
        said = {name: value for name, value in said.items() if value is not None}
        headers = {"kid": self.kid} if self.kid else {}
        token = jwt.encode(said, self.key, algorithm=self.algorithm, headers=headers)
        return web.json_response({"access_token": "opaque", "id_token": token})


def show(request: Request, notice: Notice) -> Response:
    """Show a notice as plain lines."""
    lines = [notice.kind, *(f"-> {way.href}" for way in notice.ways), *notice.typed]
    if notice.confirmation:
        lines.append(f"key: {notice.confirmation.key}")
    if notice.leads_to:
        lines.append(f"leads to: {notice.leads_to}")
    return PlainTextResponse("\n".join(lines), notice.status, headers=notice.headers)


def pages(sign_in: SignIn) -> APIRouter:
    """Return a page with a form, and one address that only takes it."""
    routes = APIRouter()

    @routes.get("/organizer")
    async def start(request: Request) -> Response:
        who = await sign_in.gate.person(request, ROLES)
        return PlainTextResponse(f"{who.name} {who.id}")

    @routes.get("/organizer/form")
    async def form(request: Request) -> Response:
        who = await sign_in.gate.person(request, ROLES)
        typed = sign_in.gate.draft(request, who) or {}
        return PlainTextResponse(f"{session_key(KEYS, who, 'note')}\n{typed.get('note', '')}")

    @routes.post("/organizer/form")
    @routes.post("/organizer/save")
    async def save(request: Request) -> Response:
        at = "/organizer/form" if request.url.path.endswith("save") else None
        who = await sign_in.gate.person(request, ROLES, at)
        fields = await fields_of(request)
        check_session(KEYS, fields, who, "note")
        return PlainTextResponse(f"saved: {fields['note']}")

    return routes


@dataclass(slots=True)
class Browser:
    """A browser in front of the site: goes to the provider and comes back."""

    http: httpx.AsyncClient
    provider: ScriptedProvider

    async def begin(self, to: str = "/organizer") -> str:
        """Begin to sign in; return where the provider is asked."""
        answer = await self.http.get("/sign-in", params={"to": to})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def begin_as_somebody_else(self) -> str:
        """Begin to sign in as somebody else; return where the provider is asked."""
        answer = await self.http.get("/sign-in", params={"as": "somebody-else"})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def come_back(self, address: str) -> httpx.Response:
        """Come back from the provider, which was asked at the address."""
        code, state = self.provider.code_for(address)
        return await self.http.get("/sign-in/callback", params={"code": code, "state": state})

    async def sign_in(self, to: str = "/organizer") -> httpx.Response:
        """Sign in."""
        return await self.come_back(await self.begin(to))

    async def form_key(self) -> str:
        """Return the key of the form."""
        answer = await self.http.get("/organizer/form")
        assert answer.status_code == 200, answer.text
        return answer.text.partition("\n")[0]


@asynccontextmanager
async def scripted_provider() -> AsyncIterator[ScriptedProvider]:
    """Serve on a free port while the block runs."""
    documents = OpenIdProvider()
    scripted = ScriptedProvider(documents)
    runner = web.ServerRunner(web.Server(scripted), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    documents.address = documents.issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield scripted
    documents.hanging.set()
    await runner.cleanup()


def settings_of(**changes: Any) -> SignInSettings:
    """Return what the sign-in reads of a service's settings."""
    said = {
        "public_url": SITE,
        "own_url": SITE,
        "organization_namespace": NAMESPACE,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": None,
        "oidc_scopes": "openid profile email",
        "session_idle_seconds": 7200,
        "session_seconds": 43_200,
        "claim_names": SignInSettings.model_construct(
            oidc_identity_claim="sub",
            oidc_roles_claim="roles",
            oidc_groups_claim="groups",
            oidc_role_groups=changes.pop("role_groups", ""),
        ).claim_names,
        **changes,
    }
    return cast("SignInSettings", SimpleNamespace(**said))


@asynccontextmanager
async def site(provider: ScriptedProvider, **changes: Any) -> AsyncIterator[Browser]:
    """Return a browser in front of the site."""
    source = Provider(provider.issuer)
    sign_in = sign_in_of(settings_of(**changes), KEYS, source, show, home="/organizer")

    async def nothing() -> None:
        return None

    app = create_app(
        "test",
        routers=[pages(sign_in), sign_in.routes],
        required={},
        wanted={},
        refresh_metrics=nothing,
        refusals=sign_in.answers,
        public_url=SITE,
    )
    transport = httpx.ASGITransport(app=SetCookies(app))
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
        yield Browser(client, provider)
    await source.close()


def lines(answer: httpx.Response) -> list[str]:
    """Return the lines of a notice."""
    return [html.unescape(line) for line in re.split("\n", answer.text)]
