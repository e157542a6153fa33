"""Signing in at the local OpenID provider as a program: the authorization-code flow."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode, urlsplit

from deploy.local.call import Unreachable, call

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


def sign_in(issuer: str, name: str) -> Token:
    """Return a new access token of the person."""
    try:
        return _exchange(issuer, _code(issuer, name))
    except Unreachable as error:
        raise NoToken(f"the OpenID provider does not answer: {error}") from error


def _code(issuer: str, name: str) -> str:
    question = {
        "client_id": CLIENT,
        "redirect_uri": REDIRECT,
        "response_type": "code",
        "scope": "openid profile email",
    }
    address = f"{issuer}/oauth2/authorize?{urlencode(question)}"
    answer = call("POST", address, body=urlencode({"sub": name}).encode(), headers=FORM)
    code = parse_qs(urlsplit(answer.headers.get("Location", "")).query).get("code")
    if not code:
        raise NoToken(f"{issuer} gave no code for {name} (status {answer.status})")
    return code[0]


def _exchange(issuer: str, code: str) -> Token:
    question = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "client_id": CLIENT,
        "client_secret": "any",
    }
    asked_at = time.time()
    answer = call("POST", f"{issuer}/oauth2/token", body=urlencode(question).encode(), headers=FORM)
    if answer.status != 200:
        raise NoToken(f"{issuer} gave no token (status {answer.status})")
    document = answer.json()
    expires_at = datetime.fromtimestamp(int(asked_at + document["expires_in"]), UTC)
    return Token(document["access_token"], expires_at)
