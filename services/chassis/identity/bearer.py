"""Who is asking: OIDC bearer tokens, as a JWT by the provider's keys, otherwise by its userinfo."""

import asyncio
import hashlib
import re
import time
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import structlog

from contracts.problem_types import UNAUTHENTICATED
from services.chassis.http.problems import Problem, unavailable
from services.chassis.identity.claims import ClaimNames, Principal, principal
from services.chassis.identity.json_web_tokens import TokenRefused, verify
from services.chassis.identity.lookups import Lookups, TooManyRefused
from services.chassis.identity.provider import DEADLINE_SECONDS, Provider, ProviderAway

__all__ = ["Authenticator", "Principal"]

Kept = TypeVar("Kept")

log = structlog.get_logger(__name__)

TRUST_SECONDS = 60.0
REFUSED_SECONDS = 30.0
CACHE_SIZE = 10_000
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*) *", re.IGNORECASE)  # RFC 6750


class Authenticator:
    """Turns an Authorization header into a Principal; keeps keys and answers for a short while."""

    def __init__(
        self,
        *,
        provider: Provider,
        namespace: UUID,
        audience: str | None,
        names: ClaimNames | None = None,
    ) -> None:
        self._namespace = namespace
        self._audience = audience
        self._names = names or ClaimNames()
        self._provider = provider
        self._lookups = Lookups()
        # By the token's digest. One whose time is over is kept: it was accepted once.
        self._accepted: dict[str, tuple[float, Principal]] = {}
        self._refused: dict[str, tuple[float, str]] = {}

    async def close(self) -> None:
        """Close the connections to the provider."""
        await self._provider.close()

    async def authenticate(self, header: str | None) -> Principal:
        """Return who sent the header; raise `unauthenticated`, or `unavailable`."""
        found = _BEARER.fullmatch(header or "")
        if found is None:
            raise _unauthenticated("Send an access token: Authorization: Bearer <token>.")
        token = found[1]
        digest = hashlib.sha256(token.encode()).hexdigest()
        accepted = self._accepted.get(digest)
        if accepted is not None and accepted[0] > time.monotonic():
            return accepted[1]
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                person, seconds = await self._asked(token, digest)
        except TokenRefused as refused:
            self._accepted.pop(digest, None)
            raise _unauthenticated(str(refused)) from refused
        except TooManyRefused as fault:
            log.warning("oidc_lookups_bounded")
            raise unavailable("Too many unknown tokens; try again shortly.") from fault
        except (ProviderAway, TimeoutError) as fault:
            log.warning("oidc_provider_unreachable", fault=str(fault) or type(fault).__name__)
            raise unavailable("The sign-in service does not answer; try again shortly.") from fault
        _keep(self._accepted, digest, (time.monotonic() + min(seconds, TRUST_SECONDS), person))
        return person

    async def _asked(self, token: str, digest: str) -> tuple[Principal, float]:
        """Return the token's person and for how long that may be trusted, in seconds."""
        if token.count(".") == 2:
            claims, seconds = await verify(token, self._provider, self._audience)
            return self._person(claims), seconds
        refused = self._refused.get(digest)
        if refused is not None and refused[0] > time.monotonic():
            raise TokenRefused(refused[1])
        question = partial(self._provider.userinfo, token)
        answer = await self._lookups.ask(digest, question, accepted_before=digest in self._accepted)
        try:
            return self._person(answer), TRUST_SECONDS
        except TokenRefused as fault:
            _keep(self._refused, digest, (time.monotonic() + REFUSED_SECONDS, str(fault)))
            raise

    def _person(self, claims: dict[str, Any] | None) -> Principal:
        if claims is None:
            raise TokenRefused("The access token is not valid any more; sign in again.")
        found = principal(claims, self._namespace, self._names)
        if found is None:
            raise TokenRefused(f"The access token names nobody ({self._names.identity}).")
        return found


def _keep(cache: dict[str, Kept], digest: str, kept: Kept) -> None:
    """Keep it as the newest; a full cache forgets its oldest."""
    cache.pop(digest, None)
    while len(cache) >= CACHE_SIZE:
        del cache[next(iter(cache))]
    cache[digest] = kept


def _unauthenticated(detail: str) -> Problem:
    return Problem(UNAUTHENTICATED, detail, headers={"WWW-Authenticate": "Bearer"})
