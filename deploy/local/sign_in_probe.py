"""Whether the OpenID provider takes us: it knows our client, its secret and where it leads back to.

Asked as a sign-in asks, with a code that is none: a provider checks the client before the code.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from deploy.local.client import Answer, Unreachable, call

DEADLINE_SECONDS = 3
# What the provider says about the client, not about the code.
REFUSALS = frozenset({"invalid_client", "unauthorized_client"})
SIGN_IN, CALLBACK = "BOOKWITH_OIDC_CLIENT_ID", "/sign-in/callback"
_RESTART = "then `bookwith down` and `bookwith up`"
# Any would do: nobody comes back with a code for it.
_CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@dataclass(frozen=True, slots=True)
class ClientRefusal:
    """What the provider refuses, and what to do about it."""

    found: str
    remedy: str


def redirect_address(environment: Mapping[str, str]) -> str:
    """Return where a service's pages let the provider lead back to."""
    own = environment.get("BOOKWITH_PAGES_URL") or environment.get("BOOKWITH_PUBLIC_URL", "")
    return f"{own.rstrip('/')}{CALLBACK}"


def why_the_client_is_refused(environment: Mapping[str, str]) -> ClientRefusal | None:
    """Return what the provider does not take of a service's settings; None for all taken.

    A provider that does not answer is not asked about: that is told elsewhere.
    """
    try:
        found = call("GET", _discovery(environment), timeout=DEADLINE_SECONDS).json()
        return _redirect_refused(found, environment) or _secret_refused(found, environment)
    except (Unreachable, TimeoutError, ValueError, KeyError, TypeError):
        return None


def _discovery(environment: Mapping[str, str]) -> str:
    issuer = environment["BOOKWITH_OIDC_ISSUER"].rstrip("/")
    return f"{issuer}/.well-known/openid-configuration"


def _redirect_refused(
    found: Mapping[str, str], environment: Mapping[str, str]
) -> ClientRefusal | None:
    """Ask for a sign-in as a browser does: an address that is not known is never led back to."""
    client, address = environment[SIGN_IN], redirect_address(environment)
    asked = {
        "client_id": client,
        "redirect_uri": address,
        "response_type": "code",
        "scope": environment.get("BOOKWITH_OIDC_SCOPES") or "openid",
        "state": "doctor",
        "nonce": "doctor",
        "code_challenge": _CHALLENGE,
        "code_challenge_method": "S256",
    }
    place = found["authorization_endpoint"]
    joint = "&" if urlsplit(place).query else "?"
    answer = call(
        "GET", f"{place}{joint}{urlencode(asked, quote_via=quote)}", timeout=DEADLINE_SECONDS
    )
    if not 400 <= answer.status < 500:
        return None
    return ClientRefusal(
        f"refuses a sign-in of the client {client} that leads back to {address} "
        f"(status {answer.status})",
        f"Enter {address} as a redirect address of {client} at the provider, or correct "
        f"BOOKWITH_PUBLIC_URL or {SIGN_IN}; {_RESTART}.",
    )


def _secret_refused(
    found: Mapping[str, str], environment: Mapping[str, str]
) -> ClientRefusal | None:
    client, secret = environment[SIGN_IN], environment.get("BOOKWITH_OIDC_CLIENT_SECRET")
    fields = {
        "grant_type": "authorization_code",
        "code": "doctor",
        "redirect_uri": redirect_address(environment),
        "code_verifier": "doctor" * 8,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    methods = found.get("token_endpoint_auth_methods_supported", "client_secret_basic")
    if not secret:
        fields["client_id"] = client
    elif "client_secret_basic" in methods:
        said = f"{quote(client, safe='')}:{quote(secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(said.encode()).decode()}"
    else:
        fields |= {"client_id": client, "client_secret": secret}
    body = urlencode(fields).encode()
    answer = call(
        "POST", found["token_endpoint"], body=body, headers=headers, timeout=DEADLINE_SECONDS
    )
    error = _error(answer)
    if error not in REFUSALS and answer.status != 401:
        return None
    wrong = "its secret" if secret else "that it has no secret"
    return ClientRefusal(
        f"refuses the client {client} or {wrong} ({error or f'status {answer.status}'})",
        f"Copy the client's id and secret from the provider to {SIGN_IN} and "
        f"BOOKWITH_OIDC_CLIENT_SECRET; {_RESTART}.",
    )


def _error(answer: Answer) -> str:
    try:
        return str(json.loads(answer.body).get("error", ""))
    except (ValueError, AttributeError):
        return ""
