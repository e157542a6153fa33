"""The open connections of a process: how many there may be, and which one makes room."""

import contextlib
import resource
from dataclasses import dataclass
from typing import Protocol

# Files beside the connections: the database's, Kafka's, logs, libraries.
OTHER_FILES = 256


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one connection may send, in bytes and headers, and how long it may take to, in seconds.

    `keep_alive_seconds` is longer than that of clients and proxies (60 s at most): the side that
    sends closes the connection, or a request meets one that is being closed here.
    """

    head_bytes: int = 32 * 1024
    headers: int = 100
    # Around a body: sizes of chunks, and headers behind it. A byte a chunk needs five for each.
    framing_bytes: int = 512 * 1024
    head_seconds: float = 10
    body_seconds: float = 30
    stalled_seconds: float = 30
    keep_alive_seconds: int = 75
    pipelined: int = 16
    # After an answer that no longer waits for the request's end, so that it can be read.
    linger_seconds: float = 2
    linger_bytes: int = 1024 * 1024
    # At the end of a process: for connections whose first request may be on its way.
    fresh_seconds: float = 1


class Connection(Protocol):
    """One of them."""

    def make_room(self) -> None:
        """Close, because another connection needs the place."""

    def stop_keeping(self) -> None:
        """Close behind the answer to the request under way, if there is one."""


class Connections:
    """All connections of the process.

    Past the bound the one makes room from which something is awaited for longest: silent clients
    cannot keep others out. Only when every connection has a request under way is a new one refused.
    """

    def __init__(self, most: int, bounds: Bounds | None = None) -> None:
        self.most = most
        self.bounds = bounds or Bounds()
        self.is_stopping = False
        self._open: set[Connection] = set()
        self._waiting: dict[Connection, None] = {}  # in the order in which their waiting began

    def __len__(self) -> int:
        """Return how many are open."""
        return len(self._open)

    def opened(self, connection: Connection) -> bool:
        """Take the connection in; False when there is no place and none can be made."""
        while len(self._open) >= self.most:
            if not self._waiting:
                return False
            oldest = next(iter(self._waiting))
            self.closed(oldest)
            oldest.make_room()
        self._open.add(connection)
        self._waiting[connection] = None
        return True

    def waits(self, connection: Connection) -> None:
        """Note that the client has to send something from now on."""
        if connection in self._open:
            self._waiting.pop(connection, None)
            self._waiting[connection] = None

    def works(self, connection: Connection) -> None:
        """Note that a whole request is under way."""
        self._waiting.pop(connection, None)

    def stop_keeping(self) -> None:
        """Let no connection outlive its next answer: the process is about to end."""
        self.is_stopping = True
        for connection in self._open:
            connection.stop_keeping()

    def closed(self, connection: Connection) -> None:
        """Forget the connection."""
        self._open.discard(connection)
        self._waiting.pop(connection, None)

    def allow_files(self) -> None:
        """Let the process open as many files as it needs, as far as the host allows it."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = self.most + OTHER_FILES
        if soft != resource.RLIM_INFINITY and soft < wanted:
            most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
