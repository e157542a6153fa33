"""One HTTP request with the standard library: for probes, sign-in and seed."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException, HTTPResponse
from typing import IO, Any


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered; redirects are not followed."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body, decoded."""
        return json.loads(self.body)


class Unreachable(Exception):
    """Nobody answers at that address."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> None:
        return None


# No proxy: every address here is on this machine.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())


def call(
    method: str,
    url: str,
    *,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 10,
) -> Answer:
    """Send a request, a body that is not bytes as JSON, and return the answer."""
    request = urllib.request.Request(url, method=method, headers=dict(headers or {}))
    if isinstance(body, bytes):
        request.data = body
    elif body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    try:
        with _opener.open(request, timeout=timeout) as response:
            return _answer(response)
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, dict(error.headers.items()), error.read())
    except (OSError, HTTPException) as error:
        raise Unreachable(f"{url}: {error}") from error


def _answer(response: HTTPResponse) -> Answer:
    return Answer(response.status, dict(response.headers.items()), response.read())
