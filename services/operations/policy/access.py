"""Policy's API as the command line calls it: where it is, in whose name, what it answers."""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from services.operations.command_line import Installation
from services.operations.http_client import Answer, Unreachable, call
from services.operations.output import Exit, Failure

API = "/api/policy/v1"
URL_VARIABLE, TOKEN_VARIABLE = "BOOKWITH_POLICY_URL", "BOOKWITH_TOKEN"  # a name
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
HOW_TO_SIGN_IN = (
    f"Put an administrator's access token into {TOKEN_VARIABLE}: "
    f'export {TOKEN_VARIABLE}="$(bookwith token ada)" on the local stack; '
    "elsewhere one of your OpenID provider, or `bookwith policy --token-file FILE`."
)
_HOW_TO_REACH = (
    f"Is the service up? `bookwith status` shows the local stack; elsewhere name the service by "
    f"`bookwith policy --url https://...` or {URL_VARIABLE}."
)


@dataclass(frozen=True, slots=True)
class PolicyApi:
    """The API in one administrator's name."""

    url: str
    token: str

    def call(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request; return what was answered, whatever it is. Raise Failure."""
        own = {
            "Authorization": f"Bearer {self.token}",
            "Accept": "application/json",
            "User-Agent": "bookwith/1",  # by which the audit knows the way of a change
        }
        try:
            answer = call(
                method,
                f"{self.url}{API}{path}",
                body=body,
                headers={**own, **(headers or {})},
                timeout=60,
            )
        except Unreachable as error:
            message = f"Policy does not answer at {self.url}."
            raise Failure(Exit.UNAVAILABLE, message, _HOW_TO_REACH) from error
        if not _is_policy(path, answer):
            what = f"What answers at {self.url} is not Bookwith's policy service"
            message = f"{what} (status {answer.status})."
            raise Failure(Exit.UNAVAILABLE, message, _HOW_TO_REACH)
        return answer

    def get(self, path: str) -> tuple[dict[str, Any], str]:
        """Return the document at the path and its ETag; raise Failure."""
        answer = self.call("GET", path)
        if answer.status != 200:
            raise refusal(answer)
        return answer.json(), answer.header("etag") or "*"


def connect(installation: Installation | None, url: str | None, token: str | None) -> PolicyApi:
    """Return the API that the options, the environment or the installation name."""
    known = url or os.environ.get(URL_VARIABLE) or (installation.policy() if installation else None)
    if known is None:
        raise Failure(Exit.UNAVAILABLE, "No policy service is named, and no local stack runs here.",
                      _HOW_TO_REACH)  # fmt: skip
    if urlsplit(known).scheme not in ("http", "https") or not urlsplit(known).hostname:
        raise Failure(Exit.USAGE, f"{known} is no address of a service.", _HOW_TO_REACH)
    return PolicyApi(known.rstrip("/"), _token(token))


def _token(file: str | None) -> str:
    """Return the token; it is never an argument, which every user of the machine can read."""
    if file is None:
        text = os.environ.get(TOKEN_VARIABLE, "")
        where = TOKEN_VARIABLE
    else:
        where = "standard input" if file == "-" else file
        try:
            text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            message = f"The token in {where} cannot be read: {reason}."
            raise Failure(Exit.USAGE, message, HOW_TO_SIGN_IN) from error
    token = text.strip()
    if not token:
        raise Failure(Exit.REFUSED, "There is no access token.", HOW_TO_SIGN_IN)
    if not _TOKEN.fullmatch(token):
        raise Failure(Exit.USAGE, f"What {where} holds is no access token.", HOW_TO_SIGN_IN)
    return token


def _is_policy(path: str, answer: Answer) -> bool:
    """Whether it answers as policy does: JSON, problems with a type, and an organization."""
    try:
        document = answer.json() if answer.body else {}
    except ValueError:
        return False
    if not isinstance(document, dict):
        return False
    if answer.status >= 300:
        return "type" in document and (path, answer.status) != ("/organization", 404)
    return path != "/organization" or "policy_version" in document or "number" in document


def refusal(answer: Answer) -> Failure:
    """Return the failure that a problem document tells of."""
    document: dict[str, Any] = answer.json()
    detail = str(document.get("detail") or document.get("title") or answer.status)
    match answer.status:
        case 401:
            return Failure(
                Exit.REFUSED, f"The access token is refused. {detail}", _hint_401(detail)
            )
        case 403:
            hint = (
                "Sign in as one who has the role `administrator`: `bookwith token ada` on the "
                "local stack; elsewhere your OpenID provider gives roles (docs/operations.md)."
            )
            return Failure(Exit.REFUSED, detail, hint)
        case 404:
            return Failure(Exit.NOT_FOUND, f"That is not there. {detail}")
        case 400 | 413 | 422:
            errors = errors_of(document)
            lines = [f"{each['pointer'].lstrip('#/')}: {each['detail']}" for each in errors]
            return Failure(Exit.USAGE, "\n".join(lines) or detail, data={"errors": errors})
        case 429 | 502 | 503 | 504:
            return Failure(Exit.UNAVAILABLE, detail, "Try again shortly.")
        case status if status >= 500:
            return Failure(Exit.FAILED, detail, "The service's log says more.")
        case _:
            return Failure(Exit.REFUSED, detail)


def errors_of(document: dict[str, Any]) -> list[dict[str, str]]:
    """Return what is wrong with each place; not of a list that an entry of it is wrong."""
    errors: list[dict[str, str]] = document.get("errors") or []
    places = [each["pointer"] for each in errors]
    return [
        each
        for each in errors
        if not any(place.startswith(f"{each['pointer']}/") for place in places)
    ]


def _hint_401(detail: str) -> str:
    if "another application" in detail:
        return (
            "Its audience is not Bookwith's: ask the provider for a token with the audience that "
            "BOOKWITH_OIDC_AUDIENCE of the service names."
        )
    return HOW_TO_SIGN_IN
