"""Bearer tokens: a JWT by the provider's keys, an opaque one by its userinfo, nothing else."""

import asyncio
import json
import time
from typing import Any
from uuid import UUID

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from services.chassis.http.problems import Problem
from services.chassis.identity import bearer as auth
from services.chassis.identity.bearer import Authenticator
from services.chassis.ids import person_id

ISSUER = "http://127.0.0.1:8090"
NAMESPACE = UUID("5b0a3c1e-3f0e-4a7e-9d35-1d0a6f6f7a11")
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Provider:
    """An OpenID provider in memory; notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.away = False
        self.confused = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if self.away:
            raise httpx.ConnectError("away")
        if self.confused:
            return httpx.Response(200, text="<h1>Maintenance</h1>")
        match request.url.path:
            case "/.well-known/openid-configuration":
                return httpx.Response(
                    200,
                    json={
                        "jwks_uri": f"{ISSUER}/jwks",
                        "userinfo_endpoint": f"{ISSUER}/userinfo",
                    },
                )
            case "/jwks":
                public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
                return httpx.Response(200, json={"keys": [{**public, "kid": "k1"}]})
            case _:
                if request.headers["authorization"] != "Bearer opaque":
                    return httpx.Response(401)
                return httpx.Response(200, json={"sub": "anna", "roles": ["organizer"]})


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def authenticator(provider: Provider) -> Authenticator:
    return Authenticator(
        issuer=ISSUER,
        namespace=NAMESPACE,
        audience="bookwith",
        client=httpx.AsyncClient(transport=httpx.MockTransport(provider)),
    )


def signed(key: Any = KEY, **changed: Any) -> str:
    claims = {
        "iss": ISSUER,
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
        algorithm="RS256",
        headers={"kid": "k1"},
    )


async def test_a_genuine_jwt_names_its_person(authenticator: Authenticator) -> None:
    principal = await authenticator.authenticate(f"Bearer {signed()}")

    assert principal.id == person_id(NAMESPACE, "anna")
    assert principal.roles == {"organizer"}
    assert principal.email == "anna@example.test"


@pytest.mark.parametrize(
    "token",
    [
        signed(OTHER_KEY),
        signed(iss="http://elsewhere"),
        signed(aud="another"),
        signed(exp=time.time() - 60),
        signed(exp=None),
        signed(sub=None),
        jwt.encode({"sub": "anna", "iss": ISSUER, "exp": 9e9}, "x" * 32, algorithm="HS256"),
        jwt.encode({"sub": "anna", "iss": ISSUER, "exp": 9e9}, "", algorithm="none"),
        "not.a.jwt",
        "unknown-opaque",
    ],
    ids=[
        "signed by another key",
        "by another issuer",
        "for another audience",
        "expired",
        "without an end",
        "naming nobody",
        "signed with a shared secret",
        "unsigned",
        "malformed",
        "unknown to the provider",
    ],
)
async def test_no_other_token_is_let_in(authenticator: Authenticator, token: str) -> None:
    with pytest.raises(Problem) as refused:
        await authenticator.authenticate(f"Bearer {token}")

    assert refused.value.type.name == "unauthenticated"
    assert refused.value.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic YTpi", "Bearer  ", "Bearer é"])
async def test_without_a_bearer_token_nobody_is_let_in(
    authenticator: Authenticator, header: str | None
) -> None:
    with pytest.raises(Problem) as refused:
        await authenticator.authenticate(header)

    assert refused.value.type.name == "unauthenticated"


async def test_an_opaque_token_is_asked_about_once_a_minute(
    authenticator: Authenticator, provider: Provider
) -> None:
    for _ in range(3):
        principal = await authenticator.authenticate("Bearer opaque")
        assert principal.identity == "anna"

    assert provider.asked.count("/userinfo") == 1


async def test_a_known_key_does_not_wait_behind_an_unknown_one(
    authenticator: Authenticator, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    await authenticator.authenticate(f"Bearer {signed()}")
    asked, never = asyncio.Event(), asyncio.Event()

    async def hang() -> dict[str, object]:
        asked.set()
        await never.wait()
        return {}

    monkeypatch.setattr(auth, "RETRY_SECONDS", -1.0)
    monkeypatch.setattr(authenticator, "_read_keys", hang)
    unknown = jwt.encode({"sub": "eve"}, OTHER_KEY, algorithm="RS256", headers={"kid": "k2"})
    waiting = asyncio.create_task(authenticator.authenticate(f"Bearer {unknown}"))
    await asked.wait()

    async with asyncio.timeout(1):
        principal = await authenticator.authenticate(f"Bearer {signed(sub='bo')}")
    waiting.cancel()

    assert principal.identity == "bo"


async def test_known_keys_are_kept_while_the_provider_is_away(
    authenticator: Authenticator, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "KEYS_SECONDS", -1.0)  # keys are old at once
    await authenticator.authenticate(f"Bearer {signed()}")
    provider.away = True

    principal = await authenticator.authenticate(f"Bearer {signed(sub='bo')}")

    assert principal.identity == "bo"
    assert provider.asked.count("/jwks") == 2


@pytest.mark.parametrize("fault", ["away", "confused"])
@pytest.mark.parametrize("token", ["opaque", signed()], ids=["opaque", "jwt"])
async def test_a_provider_that_does_not_answer_is_no_refusal(
    authenticator: Authenticator, provider: Provider, fault: str, token: str
) -> None:
    setattr(provider, fault, True)
    with pytest.raises(Problem) as refused:
        await authenticator.authenticate(f"Bearer {token}")

    assert refused.value.type.name == "unavailable"


async def test_forged_keys_do_not_make_us_ask_the_provider_each_time(
    authenticator: Authenticator, provider: Provider
) -> None:
    for number in range(5):
        forged = jwt.encode({"n": number}, OTHER_KEY, algorithm="RS256", headers={"kid": "x"})
        with pytest.raises(Problem):
            await authenticator.authenticate(f"Bearer {forged}")

    assert provider.asked.count("/jwks") == 1
