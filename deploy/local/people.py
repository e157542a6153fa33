"""The demo organization's people: what the OpenID provider says of each, and a token for each."""

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from deploy.local.client import Unreachable, call

SIGN_IN_NAMES = ("anna", "bo", "ada", "otto")
ROLES = {
    "anna": ["organizer"],
    "bo": ["organizer"],
    "ada": ["administrator"],
    "otto": ["operator"],
}
ORGANIZER = re.compile(r"organizer-[1-9]\d{0,5}")
CLIENT = "bookwith-command-line"
REDIRECT = "http://127.0.0.1/signed-in"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class NoToken(Exception):
    """The provider gave no token."""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token."""

    token: str
    expires_at: datetime


def claims(name: str) -> dict[str, Any] | None:
    """Return what the provider says about a person, or None for a name that it does not know."""
    roles = ["organizer"] if ORGANIZER.fullmatch(name) else ROLES.get(name)
    if roles is None:
        return None
    return {
        "name": name.replace("-", " ").capitalize(),
        "preferred_username": name,
        "email": f"{name}@example.test",
        "email_verified": True,
        "zoneinfo": "Europe/Copenhagen",
        "locale": "en",
        "roles": roles,
    }


def sign_in(issuer: str, name: str) -> Token:
    """Return a new access token of the person, by the authorization-code flow."""
    try:
        return _exchange(issuer, _code(issuer, name))
    except Unreachable as error:
        raise NoToken(f"the OpenID provider does not answer: {error}") from error


def _code(issuer: str, name: str) -> str:
    parameters = {
        "client_id": CLIENT,
        "redirect_uri": REDIRECT,
        "response_type": "code",
        "scope": "openid profile email",
    }
    address = f"{issuer}/oauth2/authorize?{urlencode(parameters)}"
    answer = call("POST", address, body=urlencode({"sub": name}).encode(), headers=FORM)
    code = parse_qs(urlsplit(answer.headers.get("Location", "")).query).get("code")
    if not code:
        raise NoToken(f"{issuer} gave no code for {name} (status {answer.status})")
    return code[0]


def _exchange(issuer: str, code: str) -> Token:
    parameters = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "client_id": CLIENT,
        "client_secret": "any",
    }
    asked_at = time.time()
    body = urlencode(parameters).encode()
    answer = call("POST", f"{issuer}/oauth2/token", body=body, headers=FORM)
    if answer.status != 200:
        raise NoToken(f"{issuer} gave no token (status {answer.status})")
    document = answer.json()
    expires_at = datetime.fromtimestamp(int(asked_at + document["expires_in"]), UTC)
    return Token(document["access_token"], expires_at)
