"""Round trips to PostgreSQL, counted by the messages after which a client waits."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from services.chassis.postgres.database import Connection


@contextmanager
def round_trips(connection: Connection) -> Iterator[list[str]]:
    """Yield a list which holds, behind the block, one name for each round trip inside it."""
    waits: list[str] = []
    with tempfile.TemporaryFile() as trace:
        connection.pgconn.trace(trace.fileno())
        try:
            yield waits
        finally:
            connection.pgconn.untrace()
        trace.seek(0)
        for line in trace:
            waits += [name for name in ("Flush", "Sync") if f"\t{name}".encode() in line]
