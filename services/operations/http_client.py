"""An HTTP client in the standard library: no redirect takes a token along."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException, HTTPResponse
from typing import IO, Any
from urllib.parse import urlsplit

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered; redirects are not followed."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the header of that name, in whatever case it was sent."""
        return next((held for each, held in self.headers.items() if each.lower() == name), None)

    def json(self) -> Any:
        """Return the body, decoded."""
        return json.loads(self.body)


class Unreachable(Exception):
    """No server answers at that address."""


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


# What is on this machine is not asked for through a proxy.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
_by_proxy = urllib.request.build_opener(_NoRedirect())


def call(
    method: str,
    url: str,
    *,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 10,
) -> Answer:
    """Send a request, a body that is not bytes as JSON, and return the answer."""
    request = urllib.request.Request(url, method=method, headers=dict(headers or {}))  # noqa: S310 # whoever calls names the address
    if isinstance(body, bytes):
        request.data = body
    elif body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    opener = _direct if urlsplit(url).hostname in LOOPBACK else _by_proxy
    try:
        with opener.open(request, timeout=timeout) as response:
            return _answer(response)
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, dict(error.headers.items()), error.read())
    except (OSError, HTTPException) as error:
        raise Unreachable(f"{url}: {error}") from error


def _answer(response: HTTPResponse) -> Answer:
    return Answer(response.status, dict(response.headers.items()), response.read())
