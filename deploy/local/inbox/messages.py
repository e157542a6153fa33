"""The messages, one file each: stored before they are accepted, and still there after a restart."""

import json
import os
import sys
import threading
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

from uuid_utils.compat import uuid7


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the list shows of a message."""

    id: str
    received_at: str
    envelope_from: str
    envelope_to: list[str]
    subject: str
    message_id: str


class Messages:
    """All messages, oldest first.

    A file is `<number>-<id>`: one line of JSON, then the message as it came.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lock = threading.Lock()
        self._envelopes: list[Envelope] = []
        self._place: dict[str, int] = {}
        self._files: dict[str, Path] = {}
        self._last = 0
        for path in sorted(folder.glob("*-*")):
            with path.open("rb") as file:
                self._remember(path, Envelope(**json.loads(file.readline())))
            self._last = int(path.name.partition("-")[0])

    def add(self, sender: str, recipients: list[str], raw: bytes) -> Envelope:
        """Store a message; when this returns it is on the disk."""
        message = parse(raw)
        with self._lock:
            envelope = Envelope(
                str(UUID(bytes=uuid7().bytes)),
                datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                sender,
                recipients,
                str(message.get("Subject", "")).strip(),
                str(message.get("Message-ID", "")).strip(),
            )
            self._last += 1
            path = self._folder / f"{self._last:010d}-{envelope.id}"
            self._write(path, json.dumps(asdict(envelope)).encode() + b"\n" + raw)
            self._remember(path, envelope)
        return envelope

    def page(
        self, recipient: str | None, cursor: str | None, limit: int
    ) -> tuple[list[Envelope], str | None]:
        """Return messages after the cursor, oldest first, and the cursor of the next page.

        Raises:
            KeyError: the cursor names no message.
        """
        with self._lock:
            start = self._place[cursor] + 1 if cursor else 0
            found: list[Envelope] = []
            for envelope in self._envelopes[start:]:
                if recipient and recipient.lower() not in map(str.lower, envelope.envelope_to):
                    continue
                if len(found) == limit:
                    return found, found[-1].id
                found.append(envelope)
            return found, None

    def all(self, recipient: str | None) -> list[Envelope]:
        """Return all messages, oldest first."""
        return self.page(recipient, None, sys.maxsize)[0]

    def envelope(self, message_id: str) -> Envelope | None:
        """Return what the list shows of a message, or None."""
        place = self._place.get(message_id)
        return None if place is None else self._envelopes[place]

    def raw(self, message_id: str) -> bytes | None:
        """Return a message as it came, or None."""
        path = self._files.get(message_id)
        return path.read_bytes().partition(b"\n")[2] if path else None

    def _remember(self, path: Path, envelope: Envelope) -> None:
        self._place[envelope.id] = len(self._envelopes)
        self._files[envelope.id] = path
        self._envelopes.append(envelope)

    def _write(self, path: Path, content: bytes) -> None:
        unfinished = self._folder / "unfinished"
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def parse(raw: bytes) -> EmailMessage:
    """Return the message, its headers decoded."""
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message
