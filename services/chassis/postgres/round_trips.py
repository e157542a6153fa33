"""How often a request waits for the database: each wait is a round trip."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class RoundTrips:
    """The round trips of one request so far."""

    def __init__(self) -> None:
        self.number = 0


_of_request: ContextVar[RoundTrips | None] = ContextVar("round_trips", default=None)


@contextmanager
def counting_round_trips() -> Iterator[RoundTrips]:
    """Count the round trips of what runs inside."""
    counted = RoundTrips()
    token = _of_request.set(counted)
    try:
        yield counted
    finally:
        _of_request.reset(token)


def count_round_trip() -> None:
    """Count one for the request that waits; for work that belongs to no request, nothing."""
    if (counted := _of_request.get()) is not None:
        counted.number += 1
