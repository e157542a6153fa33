"""The sign-in of one service: its gate, its routes and its answers, from the settings."""

from dataclasses import dataclass

from fastapi import APIRouter

from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.identity.provider import Provider
from services.chassis.identity.relying_party import Client, RelyingParty
from services.chassis.sign_in.answers import Answer, GateAnswers
from services.chassis.sign_in.gate import Gate
from services.chassis.sign_in.notices import ShowNotice
from services.chassis.sign_in.routes import SignInRoutes
from services.chassis.sign_in.settings import SignInSettings


@dataclass(frozen=True, slots=True)
class SignIn:
    """What a service puts in front of its pages."""

    gate: Gate
    routes: APIRouter
    answers: dict[type[Exception], Answer]


def sign_in_of(
    settings: SignInSettings, keys: KeyRing, provider: Provider, show: ShowNotice, *, home: str
) -> SignIn:
    """Return the sign-in; `home` is the page behind it, `show` shows its notices."""
    gate = Gate(keys, settings)
    party = _relying_party(settings, provider)
    routes = SignInRoutes(gate, keys, party, show, home=home)
    return SignIn(gate, routes.routes, GateAnswers(gate, show, home).by_exception)


def _relying_party(settings: SignInSettings, provider: Provider) -> RelyingParty | None:
    if settings.oidc_client_id is None:
        return None
    client = Client(
        id=settings.oidc_client_id,
        secret=settings.oidc_client_secret,
        scopes=settings.oidc_scopes,
        redirect_uri=f"{settings.own_url}/sign-in/callback",
        signed_out_uri=f"{settings.own_url}/sign-out",
    )
    return RelyingParty(provider, client, settings.organization_namespace, settings.claim_names)
