"""The port that a process listens on, alone or with the other processes of its service.

The kernel lets any two processes of a user share a port that both ask to share, and gives each of
them a part of the connections. So it is asked for by a setting, and then a file beside the port
says whose it is: processes of another service or database are refused.
"""

import fcntl
import os
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

BACKLOG = 2048


class CannotListen(Exception):
    """The port cannot be had; the message says why, and what to set."""


@dataclass(frozen=True, slots=True)
class Listener:
    """A listening socket, and the file that says whose port it is while this process runs."""

    socket: socket.socket
    owner_file: int | None

    def close(self) -> None:
        """Give the port back."""
        self.socket.close()
        if self.owner_file is not None:
            os.close(self.owner_file)


def listen(host: str, port: int, *, shared_by: str | None = None) -> Listener:
    """Listen on the port; `shared_by` names those who may listen on it too.

    Raises:
        CannotListen: it is taken, or the address is not one of this machine.
    """
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    owner_file = None
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared_by is not None:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listening.bind((host, port))
        if shared_by is not None:
            owner_file = _own(listening.getsockname()[1], shared_by)
        listening.listen(BACKLOG)
    except OSError as fault:
        listening.close()
        advice = "BOOKWITH_HTTP_HOST and BOOKWITH_HTTP_PORT say where; see also _PORT_SHARED"
        reason = fault.strerror or str(fault)
        raise CannotListen(f"cannot listen on {host}:{port}: {reason}; {advice}") from fault
    except CannotListen:
        listening.close()
        raise
    listening.setblocking(False)
    return Listener(listening, owner_file)


def _own(port: int, owner: str) -> int:
    """Write who owns the port, or compare with who does; return the file that must stay open."""
    folder = Path(tempfile.gettempdir()) / f"bookwith-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid() or folder.is_symlink():
        raise CannotListen(f"{folder} belongs to somebody else; remove it")
    file = os.open(folder / str(port), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    guard = os.open(folder, os.O_RDONLY)  # one process at a time looks and writes
    try:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if _is_free(file):
            os.ftruncate(file, 0)
            os.pwrite(file, owner.encode(), 0)
        fcntl.flock(file, fcntl.LOCK_SH)
        held_by = os.pread(file, 1000, 0).decode(errors="replace")
    finally:
        os.close(guard)
    if held_by != owner:
        os.close(file)
        raise CannotListen(
            f"cannot listen on port {port}: it belongs to {held_by}, and this is {owner}; "
            "give each deployment a BOOKWITH_HTTP_PORT of its own"
        )
    return file


def _is_free(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
