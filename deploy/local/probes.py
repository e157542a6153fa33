"""Whether a part can be used yet."""

import socket
from collections.abc import Callable
from pathlib import Path

from deploy.local.addresses import HOST
from deploy.local.call import Unreachable, call

Probe = Callable[[int], bool]


def listens(port: int) -> Probe:
    """Return a probe that asks whether somebody accepts connections on the port."""

    def probe(pid: int) -> bool:
        try:
            with socket.create_connection((HOST, port), timeout=0.5):
                return True
        except OSError:
            return False

    return probe


def answers(url: str) -> Probe:
    """Return a probe that asks whether the address answers 200."""

    def probe(pid: int) -> bool:
        try:
            return call("GET", url, timeout=1).status == 200
        except Unreachable:
            return False

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
