"""Whether a part can be used yet; with bare sockets, to keep the supervisor small."""

import socket
from collections.abc import Callable
from pathlib import Path

from deploy.local.addresses import HOST

Probe = Callable[[int], bool]
PATIENCE_SECONDS = 1.0


def listens(port: int) -> Probe:
    """Return a probe that asks whether somebody accepts connections on the port."""

    def probe(pid: int) -> bool:
        try:
            with socket.create_connection((HOST, port), PATIENCE_SECONDS):
                return True
        except OSError:
            return False

    return probe


def answers(port: int, path: str) -> Probe:
    """Return a probe that asks whether the server on the port answers 200 to a GET."""
    question = f"GET {path} HTTP/1.0\r\nHost: {HOST}:{port}\r\n\r\n".encode()

    def probe(pid: int) -> bool:
        try:
            with socket.create_connection((HOST, port), PATIENCE_SECONDS) as connection:
                connection.sendall(question)
                status_line = connection.makefile("rb").readline()
        except OSError:
            return False
        return status_line.split()[1:2] == [b"200"]

    return probe


def says_ready(postmaster_pid_file: Path) -> Probe:
    """Return a probe that reads what PostgreSQL writes about itself: pid first, state last."""

    def probe(pid: int) -> bool:
        try:
            lines = postmaster_pid_file.read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"

    return probe
