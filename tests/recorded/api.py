"""The public API of a running stack, for those who record it and those who compare with a record.

Knows nothing but HTTP, so that it can be copied into the checkout of any version.
"""

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

BOOKING = "/api/booking/v1"
PATIENCE_SECONDS = 30.0

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it can be sent again; `who` is a demo person, or nobody who is signed in."""

    service: str
    method: str
    path: str
    who: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered; a body that is no JSON is kept as text."""

    status: int
    etag: str | None
    body: Any

    def document(self, *statuses: int) -> Any:
        """Return the body of an answer that must have one of these statuses."""
        assert self.status in (statuses or (200, 201)), f"{self.status}: {self.body}"
        return self.body


class Api:
    """Sends requests to the services of one stack."""

    def __init__(self, url: Callable[[str], str], token: Callable[[str], str]) -> None:
        self._url = url
        self._token = token
        self._http = httpx.Client(timeout=PATIENCE_SECONDS, trust_env=False)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(self, request: Request) -> Answer:
        """Send the request and return the answer."""
        signed = {"Authorization": f"Bearer {self._token(request.who)}"} if request.who else {}
        # Written here, so that a request that is sent again has the same bytes.
        body = None if request.body is None else json.dumps(request.body)
        kind = {} if body is None else {"Content-Type": "application/json"}
        answer = self._http.request(
            request.method,
            f"{self._url(request.service)}{request.path}",
            headers={**kind, **signed, **request.headers},
            content=body,
        )
        is_json = "json" in answer.headers.get("content-type", "")
        said = answer.json() if is_json else answer.text
        return Answer(answer.status_code, answer.headers.get("etag"), said)

    def get(self, path: str, who: str | None = None, *, service: str = "booking") -> Answer:
        """Read."""
        return self.send(Request(service, "GET", path, who))


def until(condition: Callable[[], Found], what: str) -> Found:
    """Wait for the condition's first true value and return it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{what} was not there after {PATIENCE_SECONDS:.0f} s"
        time.sleep(0.05)
    return found


def new_key() -> str:
    """Return a fresh Idempotency-Key."""
    return uuid.uuid4().hex
