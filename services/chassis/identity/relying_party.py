"""The application's side of OpenID Connect: the way to the provider and back (OIDC Core 3.1).

Authorization code with PKCE (RFC 7636). The id token is verified by `json_web_tokens`; what it
does not say of a person, the provider's userinfo is asked for.
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from uuid import UUID

import aiohttp
import structlog

from services.chassis.identity.claims import ClaimNames, Principal, find, principal
from services.chassis.identity.json_web_tokens import TokenRefused, verify
from services.chassis.identity.provider import Provider, ProviderAway

log = structlog.get_logger(__name__)

LONGEST_IDENTITY = 255  # as long as a sub may be
# Codes that are exchanged at once: strangers who send wrong ones leave the provider to the others.
EXCHANGES_AT_ONCE = 10
# The provider does not accept us: an administrator has to correct a setting, here or there.
OUR_FAULTS = frozenset({"invalid_client", "unauthorized_client", "invalid_scope"})


class SignInRefused(Exception):
    """The provider's answer signs nobody in; the message says why, for the log."""


class ClientRefused(SignInRefused):
    """The provider does not know this application, or not its secret."""


@dataclass(frozen=True, slots=True)
class Client:
    """This application, as the provider knows it; without a secret it is a public client."""

    id: str
    secret: str | None
    scopes: str
    redirect_uri: str
    signed_out_uri: str


@dataclass(frozen=True, slots=True)
class Challenge:
    """What an answer of the provider has to fit: drawn anew for each sign-in."""

    nonce: str
    verifier: str


class RelyingParty:
    """Sends people to the provider, and learns who has come back."""

    def __init__(
        self, provider: Provider, client: Client, namespace: UUID, names: ClaimNames
    ) -> None:
        self._provider = provider
        self._client = client
        self._namespace = namespace
        self._names = names
        self._exchanging = asyncio.Semaphore(EXCHANGES_AT_ONCE)

    @property
    def issuer(self) -> str:
        """Return the issuer, which an answer may name (RFC 9207)."""
        return self._provider.issuer

    async def sign_in_address(
        self, state: str, challenge: Challenge, *, somebody_else: bool = False
    ) -> str:
        """Return where the browser signs in; raise ProviderAway."""
        found = await self._provider.discovery()
        digest = hashlib.sha256(challenge.verifier.encode()).digest()
        asked = {
            "client_id": self._client.id,
            "redirect_uri": self._client.redirect_uri,
            "response_type": "code",
            "scope": self._client.scopes,
            "state": state,
            "nonce": challenge.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        if somebody_else:
            asked["prompt"] = _prompt(found)
        return _with_query(_endpoint(found, "authorization_endpoint"), asked)

    async def sign_out_address(self) -> str | None:
        """Return where the browser signs out of the provider, if it has such a place."""
        try:
            found = await self._provider.discovery()
        except ProviderAway:
            return None
        address = found.get("end_session_endpoint")
        if not _is_web_address(address):
            return None
        client = self._client
        asked = {"client_id": client.id, "post_logout_redirect_uri": client.signed_out_uri}
        return _with_query(str(address), asked)

    async def person_behind(self, code: str, challenge: Challenge) -> Principal:
        """Return who has signed in.

        Raises:
            SignInRefused: the code or the id token is not valid, or names nobody.
            ProviderAway: the provider does not answer.
        """
        found = await self._provider.discovery()
        tokens = await self._exchanged(found, code, challenge)
        id_token = tokens.get("id_token")
        if not isinstance(id_token, str):
            raise SignInRefused("there is no id token in the answer")
        try:
            claims, _ = await verify(id_token, self._provider, self._client.id)
        except TokenRefused as refused:
            raise SignInRefused(f"id token: {refused.__cause__ or refused}") from refused
        self._check(claims, challenge)
        who = principal(await self._whole(claims, tokens), self._namespace, self._names)
        if who is None or len(who.identity) > LONGEST_IDENTITY:
            raise SignInRefused(f"the id token names nobody ({self._names.identity})")
        return who

    async def _exchanged(
        self, found: Mapping[str, Any], code: str, challenge: Challenge
    ) -> dict[str, Any]:
        client = self._client
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": client.redirect_uri,
            "code_verifier": challenge.verifier,
        }
        authorization = None
        if client.secret is None:
            fields["client_id"] = client.id
        elif _takes_basic(found):
            said = (quote(client.id, safe=""), quote(client.secret, safe=""))  # RFC 6749, 2.3.1
            authorization = aiohttp.encode_basic_auth(*said)
        else:
            fields |= {"client_id": client.id, "client_secret": client.secret}
        address = _endpoint(found, "token_endpoint")
        async with self._exchanging:
            status, answer = await self._provider.send_form(address, fields, authorization)
        if status == 200:
            return answer
        error = str(answer.get("error", status))[:100]
        if error in OUR_FAULTS or status == 401:
            raise ClientRefused(error)
        raise SignInRefused(error)

    def _check(self, claims: Mapping[str, Any], challenge: Challenge) -> None:
        """Refuse an id token that was made for another sign-in or another application."""
        nonce = claims.get("nonce")
        if not isinstance(nonce, str) or not hmac.compare_digest(
            nonce.encode(), challenge.nonce.encode()
        ):
            raise SignInRefused("id token: its nonce is that of another sign-in")
        if claims.get("azp", self._client.id) != self._client.id:
            raise SignInRefused("id token: it was made for another application (azp)")
        if not isinstance(claims.get("sub"), str):
            raise SignInRefused("id token: it names nobody (sub)")

    async def _whole(
        self, claims: Mapping[str, Any], tokens: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Return the claims with what only userinfo says: a name, an address, roles, groups."""
        names = self._names
        wanted = ["name", "email", names.identity, names.roles]
        if names.role_groups:
            wanted += names.groups
        access_token = tokens.get("access_token")
        if all(find(claims, name) is not None for name in wanted) or not isinstance(
            access_token, str
        ):
            return claims
        try:
            more = await self._provider.userinfo(access_token) or {}
        except ProviderAway as away:
            log.warning("oidc_userinfo_unreachable", fault=str(away))
            return claims
        # OIDC Core 5.3.2: without the same sub it may be about somebody else.
        return {**more, **claims} if more.get("sub") == claims["sub"] else claims


def _prompt(found: Mapping[str, Any]) -> str:
    """Return what lets a person choose another account; Keycloak knows `login` only."""
    known = found.get("prompt_values_supported")
    if isinstance(known, list) and "select_account" not in known and "login" in known:
        return "login"
    return "select_account"


def _takes_basic(found: Mapping[str, Any]) -> bool:
    methods = found.get("token_endpoint_auth_methods_supported")
    return not isinstance(methods, list) or "client_secret_basic" in methods


def _endpoint(found: Mapping[str, Any], name: str) -> str:
    address = found.get(name)
    if not _is_web_address(address):
        raise ProviderAway(f"its discovery document has no {name}")
    return str(address)


def _is_web_address(address: object) -> bool:
    return isinstance(address, str) and urlsplit(address).scheme in ("http", "https")


def _with_query(address: str, asked: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked, quote_via=quote)}"
