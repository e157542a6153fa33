"""An HTTP client in the standard library, and Bookwith's API as one caller uses it."""

import json
import time
import urllib.error
import urllib.request
import uuid
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
    """No server answers at that address."""


class Refused(Exception):
    """The API did not do what was asked; the message says what it answered."""


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


BUSY = (429, 503)
BUSY_POLL_SECONDS = 0.5

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


@dataclass(frozen=True, slots=True)
class Api:
    """One service's API with one caller's headers."""

    url: str
    headers: Mapping[str, str]
    wait_seconds: float = 0
    """How long a request is repeated while the service answers that it is busy."""

    def get(self, path: str) -> Any:
        """Return the document at the path, or None when there is none."""
        answer = self._ask("GET", path)
        return None if answer.status == 404 else _document(f"GET {path}", answer)

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """Send a command with an Idempotency-Key of its own, and return the answer's document."""
        answer = self._ask(method, path, body, {"Idempotency-Key": uuid.uuid4().hex})
        return _document(f"{method} {path}", answer)

    def _ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        deadline = time.monotonic() + self.wait_seconds
        all_headers = {**self.headers, **(headers or {})}
        while True:
            url = f"{self.url}{path}"
            answer = call(method, url, body=body, headers=all_headers, timeout=15)
            if answer.status not in BUSY or time.monotonic() > deadline:
                return answer
            time.sleep(BUSY_POLL_SECONDS)


def _document(request: str, answer: Answer) -> Any:
    if answer.status not in (200, 201, 204):
        text = answer.body.decode(errors="replace")
        raise Refused(f"{request} was answered {answer.status}: {text}")
    return answer.json() if answer.body else {}
