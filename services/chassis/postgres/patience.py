"""How long the database is waited for: less while a person or a client waits for the answer."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a free connection, and for each answer of the server on it."""

    connection: float
    answer: float
    whole: float
    """How long for both: the first answer's share when a connection was long in coming."""


# Consumers, timers and the relay wait out what passes anyway.
WORK = Patience(connection=5.0, answer=10.0, whole=15.0)
# A request gets its 503 within three seconds.
REQUEST = Patience(connection=2.0, answer=2.0, whole=2.5)
# The same once the server did not answer, until it does: a request may ask it several times.
SUSPICIOUS = Patience(connection=0.2, answer=0.4, whole=0.5)

_patience: ContextVar[Patience] = ContextVar("patience", default=WORK)


@contextmanager
def for_a_request() -> Iterator[None]:
    """Wait no longer than a request may, inside the block."""
    token = _patience.set(REQUEST)
    try:
        yield
    finally:
        _patience.reset(token)


def current(*, suspicious: bool) -> Patience:
    """Return what is in force here."""
    patience = _patience.get()
    return SUSPICIOUS if suspicious and patience is REQUEST else patience


def answer_seconds(patience: Patience, asked_at: float) -> float:
    """Return how long an answer is waited for on a connection that was asked for at that time."""
    left = asked_at + patience.whole - time.monotonic()
    return min(patience.answer, max(left, patience.whole - patience.connection))
