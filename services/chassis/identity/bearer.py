"""Who is asking: OIDC bearer tokens, as a JWT by the provider's keys, otherwise by its userinfo."""

import asyncio
import hashlib
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import structlog

from contracts.problem_types import UNAUTHENTICATED
from services.chassis.http.problems import Problem, unavailable
from services.chassis.ids import person_id

log = structlog.get_logger(__name__)

DEADLINE_SECONDS = 3.0
TRUST_SECONDS = 60.0
KEYS_SECONDS = 300.0
RETRY_SECONDS = 5.0
CACHE_SIZE = 10_000
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in person of the organization."""

    id: UUID
    identity: str
    roles: frozenset[str]
    name: str
    email: str


class Authenticator:
    """Turns an Authorization header into a Principal; keeps keys and answers for a short while."""

    def __init__(
        self,
        *,
        issuer: str,
        namespace: UUID,
        audience: str | None = None,
        identity_claim: str = "sub",
        roles_claim: str = "roles",
        client: httpx.AsyncClient | None = None,
    ) -> None:
        self._issuer = issuer
        self._namespace = namespace
        self._audience = audience
        self._identity_claim = identity_claim
        self._roles_claim = roles_claim
        self._client = client or httpx.AsyncClient(timeout=DEADLINE_SECONDS)
        self._answers: dict[str, tuple[float, Principal]] = {}
        self._provider: dict[str, Any] = {}
        self._keys: dict[str, Any] = {}
        self._keys_read_at = -KEYS_SECONDS
        self._reading = asyncio.Lock()

    async def close(self) -> None:
        """Close the connections to the provider."""
        await self._client.aclose()

    async def authenticate(self, header: str | None) -> Principal:
        """Return who sent the header; raise `unauthenticated`, or `unavailable`."""
        scheme, _, token = (header or "").partition(" ")
        if scheme.lower() != "bearer" or not token or not token.isascii():
            raise _unauthenticated("Send an access token: Authorization: Bearer <token>.")
        digest = hashlib.sha256(token.encode()).hexdigest()
        known = self._answers.get(digest)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                claims, seconds = await self._claims(token.strip())
        except (httpx.HTTPError, TimeoutError, ValueError, LookupError) as fault:
            log.warning("oidc_provider_unreachable", fault=type(fault).__name__)
            raise unavailable("The sign-in service does not answer; try again shortly.") from fault
        principal = self._principal(claims)
        if len(self._answers) >= CACHE_SIZE:
            self._answers.clear()
        self._answers[digest] = (time.monotonic() + min(seconds, TRUST_SECONDS), principal)
        return principal

    async def _claims(self, token: str) -> tuple[dict[str, Any], float]:
        """Return the token's claims and for how long they may be trusted, in seconds."""
        if token.count(".") == 2:
            claims = await self._jwt_claims(token)
            return claims, claims["exp"] - time.time()
        provider = await self._discovered()
        answer = await self._client.get(
            provider["userinfo_endpoint"], headers={"Authorization": f"Bearer {token}"}
        )
        if answer.status_code >= 500:
            answer.raise_for_status()
        if answer.status_code != 200:
            raise _unauthenticated("The access token is not valid any more; sign in again.")
        return answer.json(), TRUST_SECONDS

    async def _jwt_claims(self, token: str) -> dict[str, Any]:
        # Imported here: with its cryptography it costs 9 MB, which opaque tokens do not need.
        import jwt  # noqa: PLC0415

        try:
            key = await self._key(jwt.get_unverified_header(token).get("kid"))
            return dict(
                jwt.decode(
                    token,
                    key,
                    algorithms=list(ALGORITHMS),
                    issuer=self._issuer,
                    audience=self._audience,
                    options={
                        "require": ["exp", "iss"],
                        "verify_aud": self._audience is not None,
                    },
                    leeway=10,
                )
            )
        except jwt.PyJWTError as fault:
            raise _unauthenticated("The access token is not valid; sign in again.") from fault

    async def _key(self, kid: str | None) -> Any:
        from jwt import InvalidTokenError  # noqa: PLC0415 -- see _jwt_claims

        if (kid or "") in self._keys and time.monotonic() - self._keys_read_at <= KEYS_SECONDS:
            return self._keys[kid or ""]  # without waiting behind whoever shows an unknown one
        async with self._reading:
            age = time.monotonic() - self._keys_read_at
            known = (kid or "") in self._keys
            if age > KEYS_SECONDS or (not known and age > RETRY_SECONDS):
                try:
                    self._keys, age = await self._read_keys(), 0.0
                except httpx.HTTPError:
                    if not known:
                        raise
                    log.warning("oidc_keys_kept")  # who is away has not withdrawn the key
                    age = KEYS_SECONDS - RETRY_SECONDS
                self._keys_read_at = time.monotonic() - age
        found = self._keys.get(kid or "")
        if found is None:
            raise InvalidTokenError("unknown key")
        return found

    async def _read_keys(self) -> dict[str, Any]:
        from jwt import PyJWKSet  # noqa: PLC0415 -- see _jwt_claims

        provider = await self._discovered()
        answer = await self._client.get(provider["jwks_uri"])
        answer.raise_for_status()
        return {key.key_id or "": key for key in PyJWKSet.from_dict(answer.json()).keys}

    async def _discovered(self) -> dict[str, Any]:
        if not self._provider:
            answer = await self._client.get(f"{self._issuer}/.well-known/openid-configuration")
            answer.raise_for_status()
            self._provider = answer.json()
        return self._provider

    def _principal(self, claims: dict[str, Any]) -> Principal:
        identity = claims.get(self._identity_claim)
        if not isinstance(identity, str) or not identity:
            raise _unauthenticated(f"The access token names nobody ({self._identity_claim}).")
        roles = claims.get(self._roles_claim) or []
        return Principal(
            id=person_id(self._namespace, identity),
            identity=identity,
            roles=frozenset([roles] if isinstance(roles, str) else roles),
            name=str(claims.get("name") or identity),
            email=str(claims.get("email") or ""),
        )


def _unauthenticated(detail: str) -> Problem:
    return Problem(UNAUTHENTICATED, detail, headers={"WWW-Authenticate": "Bearer"})
