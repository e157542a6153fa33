"""Bearer tokens: a JWT by the provider's keys, an opaque one by its userinfo, nothing else."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from services.chassis.http.problems import Problem
from services.chassis.identity import lookups
from services.chassis.identity import provider as providers
from services.chassis.identity.bearer import Authenticator
from services.chassis.identity.provider import Provider
from services.chassis.ids import person_id
from tests.unit.chassis.openid_provider import (
    KEY,
    OTHER_KEY,
    OpenIdProvider,
    openid_provider,
    public,
)

NAMESPACE = UUID("5b0a3c1e-3f0e-4a7e-9d35-1d0a6f6f7a11")
EC_KEY = ec.generate_private_key(ec.SECP256R1())
ED_KEY = ed25519.Ed25519PrivateKey.generate()


@pytest.fixture
async def provider() -> AsyncIterator[OpenIdProvider]:
    async with openid_provider() as provider:
        yield provider


@pytest.fixture
async def authenticator(provider: OpenIdProvider) -> AsyncIterator[Authenticator]:
    made = Authenticator(
        provider=Provider(provider.issuer), namespace=NAMESPACE, audience="bookwith"
    )
    yield made
    await made.close()


async def problem_of(authenticator: Authenticator, token: str) -> str:
    """Return the name of the problem that the token meets."""
    with pytest.raises(Problem) as refused:
        await authenticator.authenticate(f"Bearer {token}")
    return refused.value.type.name


async def test_a_genuine_jwt_names_its_person(
    authenticator: Authenticator, provider: OpenIdProvider
) -> None:
    principal = await authenticator.authenticate(f"Bearer {provider.signed()}")

    assert principal.id == person_id(NAMESPACE, "anna")
    assert principal.roles == {"organizer"}
    assert principal.email == "anna@example.test"


def nested_without_end() -> str:
    header = base64.urlsafe_b64encode(b"[" * 12_000).decode().rstrip("=")
    return f"{header}.e30.e30"


WRONG: dict[str, Callable[[OpenIdProvider], str]] = {
    "signed by another key": lambda p: p.signed(OTHER_KEY),
    "by another issuer": lambda p: p.signed(iss="http://elsewhere"),
    "by nearly the same issuer": lambda p: p.signed(iss=f"{p.issuer}/"),
    "for another audience": lambda p: p.signed(aud="another"),
    "for no audience": lambda p: p.signed(aud=None),
    "for an odd audience": lambda p: p.signed(aud={"bookwith": 1}),
    "expired": lambda p: p.signed(exp=time.time() - 120),
    "without an end": lambda p: p.signed(exp=None),
    "with an odd end": lambda p: p.signed(exp=["soon"]),
    "with an endless end": lambda p: p.signed(exp=float("inf")),
    "not valid for long": lambda p: p.signed(nbf=time.time() + 120),
    "from tomorrow": lambda p: p.signed(iat=time.time() + 120),
    "naming nobody": lambda p: p.signed(sub=None),
    "naming a number": lambda p: p.signed(sub=None, id=7),
    "naming what cannot be stored": lambda p: p.signed(sub="anna\x00"),
    "signed with a shared secret": lambda p: p.signed("x" * 32, algorithm="HS256"),
    "unsigned": lambda p: p.signed("", algorithm="none"),
    "malformed": lambda _: "not.a.jwt",
    "with a header that is nested without end": lambda _: nested_without_end(),
    "unknown to the provider": lambda _: "unknown-opaque",
}


@pytest.mark.parametrize("make", WRONG.values(), ids=list(WRONG))
async def test_no_other_token_is_let_in(
    authenticator: Authenticator, provider: OpenIdProvider, make: Callable[[OpenIdProvider], str]
) -> None:
    with pytest.raises(Problem) as refused:
        await authenticator.authenticate(f"Bearer {make(provider)}")

    assert refused.value.type.name == "unauthenticated"
    assert refused.value.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Basic YTpi", "Bearer  ", "Bearer é", "Bearer a b", 'Bearer "a"'],
)
async def test_without_a_bearer_token_nobody_is_let_in(
    authenticator: Authenticator, provider: OpenIdProvider, header: str | None
) -> None:
    with pytest.raises(Problem) as refused:
        await authenticator.authenticate(header)

    assert refused.value.type.name == "unauthenticated"
    assert provider.asked == []


@pytest.mark.parametrize("claim", ["iat", "nbf", "exp"])
async def test_clocks_may_differ_by_less_than_a_minute(
    authenticator: Authenticator, provider: OpenIdProvider, claim: str
) -> None:
    shifted: dict[str, Any] = {claim: time.time() + (-45 if claim == "exp" else 45)}

    token = provider.signed(**shifted)

    assert (await authenticator.authenticate(f"Bearer {token}")).identity == "anna"


@pytest.mark.parametrize("end", ["", "/", "/realms/acme", "/realms/acme/"])
async def test_the_issuer_is_compared_as_it_is_written(provider: OpenIdProvider, end: str) -> None:
    provider.issuer = f"{provider.address}{end}"
    authenticator = Authenticator(
        provider=Provider(provider.issuer), namespace=NAMESPACE, audience="bookwith"
    )

    principal = await authenticator.authenticate(f"Bearer {provider.signed()}")
    await authenticator.close()

    assert principal.identity == "anna"
    assert "//" not in provider.asked[0]


async def test_without_an_audience_a_token_for_any_application_is_let_in(
    provider: OpenIdProvider,
) -> None:
    authenticator = Authenticator(
        provider=Provider(provider.issuer), namespace=NAMESPACE, audience=None
    )

    principal = await authenticator.authenticate(f"Bearer {provider.signed(aud='another')}")
    await authenticator.close()

    assert principal.identity == "anna"


KEY_SETS: dict[str, tuple[list[dict[str, Any]], Any, str, str | None]] = {
    "neither has a name": ([public(KEY)], KEY, "RS256", None),
    "only the key has a name": ([public(KEY, kid="k1")], KEY, "RS256", None),
    "only the token names one": ([public(KEY)], KEY, "RS256", "k1"),
    "another is for encryption": (
        [public(KEY), public(OTHER_KEY, use="enc")],
        KEY,
        "RS256",
        None,
    ),
    "another is for another algorithm": (
        [public(KEY, alg="RS256"), public(OTHER_KEY, alg="PS256")],
        OTHER_KEY,
        "PS256",
        None,
    ),
    "the key names no algorithm": ([public(KEY, kid="k1")], KEY, "RS512", "k1"),
    "another cannot be read": (
        [{"kty": "RSA", "kid": "broken"}, {"kty": "new"}, public(KEY, kid="k1")],
        KEY,
        "RS256",
        "k1",
    ),
    "another is of another type": (
        [public(KEY), json.loads(jwt.algorithms.ECAlgorithm.to_jwk(EC_KEY.public_key()))],
        EC_KEY,
        "ES256",
        None,
    ),
    "it is an Edwards curve": (
        [json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(ED_KEY.public_key()))],
        ED_KEY,
        "EdDSA",
        None,
    ),
}


@pytest.mark.parametrize("case", KEY_SETS.values(), ids=list(KEY_SETS))
async def test_the_one_key_that_fits_is_taken(
    authenticator: Authenticator,
    provider: OpenIdProvider,
    case: tuple[list[dict[str, Any]], Any, str, str | None],
) -> None:
    provider.keys, key, algorithm, kid = case
    token = provider.signed(key, algorithm=algorithm, kid=kid)

    assert (await authenticator.authenticate(f"Bearer {token}")).identity == "anna"


async def test_of_two_keys_without_a_name_neither_is_guessed(
    authenticator: Authenticator, provider: OpenIdProvider
) -> None:
    provider.keys = [public(KEY), public(OTHER_KEY)]

    assert await problem_of(authenticator, provider.signed(kid=None)) == "unauthenticated"


@pytest.mark.parametrize("kid", ["k2", None])
async def test_a_new_key_at_a_new_address_is_found_when_a_token_shows_it(
    authenticator: Authenticator,
    provider: OpenIdProvider,
    monkeypatch: pytest.MonkeyPatch,
    kid: str | None,
) -> None:
    await authenticator.authenticate(f"Bearer {provider.signed()}")
    provider.keys, provider.keys_at = [public(OTHER_KEY, kid="k2")], "/other-keys"
    monkeypatch.setattr(providers, "RETRY_SECONDS", -1.0)

    principal = await authenticator.authenticate(f"Bearer {provider.signed(OTHER_KEY, kid=kid)}")

    assert principal.identity == "anna"
    assert provider.asked.count("/other-keys") == 1


async def test_an_opaque_token_is_asked_about_once_a_minute(
    authenticator: Authenticator, provider: OpenIdProvider
) -> None:
    for _ in range(3):
        principal = await authenticator.authenticate("Bearer opaque")
        assert principal.identity == "anna"
    await asyncio.gather(*(authenticator.authenticate("Bearer  opaque") for _ in range(5)))

    assert provider.asked.count("/userinfo") == 1


async def test_requests_with_the_same_new_token_share_one_question(
    authenticator: Authenticator, provider: OpenIdProvider
) -> None:
    await asyncio.gather(*(authenticator.authenticate("Bearer opaque") for _ in range(30)))

    assert provider.asked.count("/userinfo") == 1


@pytest.mark.parametrize("said", [None, {}, {"sub": 7}, {"sub": ["anna"]}, {"sub": " "}])
async def test_a_refused_token_is_not_asked_about_again(
    authenticator: Authenticator, provider: OpenIdProvider, said: Any
) -> None:
    provider.people["wrong"] = said
    for _ in range(5):
        assert await problem_of(authenticator, "wrong") == "unauthenticated"

    assert provider.asked.count("/userinfo") == 1


async def test_many_wrong_tokens_do_not_all_reach_the_provider_and_a_known_one_still_does(
    authenticator: Authenticator, provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "REFUSALS_PER_SECOND", 0.0)
    monkeypatch.setattr("services.chassis.identity.bearer.TRUST_SECONDS", 0.0)
    await authenticator.authenticate("Bearer opaque")
    provider.asked.clear()

    met = await asyncio.gather(*(problem_of(authenticator, f"wrong-{n}") for n in range(300)))
    principal = await authenticator.authenticate("Bearer opaque")

    assert met.count("unauthenticated") == lookups.REFUSALS
    assert met.count("unavailable") == 300 - lookups.REFUSALS
    assert principal.identity == "anna"
    assert provider.asked.count("/userinfo") == lookups.REFUSALS + 1


async def test_many_people_who_sign_in_at_once_are_all_let_in(
    authenticator: Authenticator, provider: OpenIdProvider
) -> None:
    names = [f"person-{number}" for number in range(100)]
    provider.people.update({name: {"sub": name} for name in names})

    found = await asyncio.gather(*(authenticator.authenticate(f"Bearer {n}") for n in names))

    assert [each.identity for each in found] == names


async def test_what_is_kept_of_wrong_tokens_is_bounded(
    authenticator: Authenticator, provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.identity.bearer.CACHE_SIZE", 5)
    for number in range(10):
        await problem_of(authenticator, f"wrong-{number}")
    asked = provider.asked.count("/userinfo")
    await problem_of(authenticator, "wrong-9")
    await problem_of(authenticator, "wrong-0")

    assert provider.asked.count("/userinfo") == asked + 1


async def test_a_known_key_does_not_wait_behind_an_unknown_one(
    authenticator: Authenticator, provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    await authenticator.authenticate(f"Bearer {provider.signed()}")
    monkeypatch.setattr(providers, "RETRY_SECONDS", -1.0)
    provider.fault = "hangs"
    waiting = asyncio.create_task(
        authenticator.authenticate(f"Bearer {provider.signed(OTHER_KEY, kid='k2')}")
    )
    async with asyncio.timeout(5):
        while len(provider.asked) < 3:
            await asyncio.sleep(0.01)

    async with asyncio.timeout(1):
        principal = await authenticator.authenticate(f"Bearer {provider.signed(sub='bo')}")
    waiting.cancel()

    assert principal.identity == "bo"


async def test_known_keys_are_kept_while_the_provider_is_away(
    authenticator: Authenticator, provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(providers, "KEYS_SECONDS", -1.0)  # keys are old at once
    await authenticator.authenticate(f"Bearer {provider.signed()}")
    asked = len(provider.asked)
    provider.fault = "away"

    for name in ("bo", "ada"):
        token = provider.signed(sub=name)
        assert (await authenticator.authenticate(f"Bearer {token}")).identity == name

    assert len(provider.asked) - asked <= 2  # aiohttp tries a lost connection twice


@pytest.mark.parametrize("fault", ["away", "confused", "a list", "huge", "moved", "overrun"])
@pytest.mark.parametrize("kind", ["opaque", "jwt"])
async def test_a_provider_that_does_not_answer_is_no_refusal(
    authenticator: Authenticator, provider: OpenIdProvider, fault: str, kind: str
) -> None:
    provider.fault = fault
    token = "opaque" if kind == "opaque" else provider.signed()

    assert await problem_of(authenticator, token) == "unavailable"
    assert "/elsewhere" not in provider.asked


@pytest.mark.parametrize("kind", ["opaque", "jwt"])
async def test_a_provider_that_hangs_holds_a_request_for_three_seconds_at_most(
    authenticator: Authenticator, provider: OpenIdProvider, kind: str
) -> None:
    provider.fault = "hangs"
    tokens = [f"opaque-{n}" if kind == "opaque" else provider.signed(n=n) for n in range(40)]
    started = time.monotonic()

    met = await asyncio.gather(*(problem_of(authenticator, token) for token in tokens))

    assert set(met) == {"unavailable"}
    assert time.monotonic() - started < 4.0
    assert len(provider.asked) <= lookups.AT_ONCE


async def test_forged_keys_do_not_make_us_ask_the_provider_each_time(
    authenticator: Authenticator, provider: OpenIdProvider
) -> None:
    for number in range(5):
        forged = jwt.encode({"n": number}, OTHER_KEY, algorithm="RS256", headers={"kid": "x"})
        assert await problem_of(authenticator, forged) == "unauthenticated"

    assert provider.asked.count("/jwks") == 1
