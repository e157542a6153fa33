"""Bookwith's API as one caller uses it."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.operations.http_client import Answer, Unreachable, call

__all__ = ["Answer", "Api", "Refused", "Unreachable", "call"]


class Refused(Exception):
    """The API did not do what was asked; the message says what it answered."""


BUSY = (429, 503)
BUSY_POLL_SECONDS = 0.5


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
