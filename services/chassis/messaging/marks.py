"""High-water marks: how far each key was applied, and what a number at or below it means.

A number says nothing of which event has it: a publisher whose database was set back to an older
state gives numbers a second time. So the newest events of a key are known by their ids.
"""

import struct
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from hashlib import blake2b

# How many events of a key are known by their ids; older ones are told by their time.
WINDOW = 32
# How many events of a key may be missing. Nothing explains a gap but a fault, and more than this
# no fault of a publisher loses: such a number is not its own.
LARGEST_GAP = 1_000

_DIGEST = 8
_UNKNOWN = b"\0" * _DIGEST
_HEAD = struct.Struct(">qq")  # the number of the newest event that is known, and its time


class Verdict(Enum):
    """What an event's number says, given those of its key that were applied."""

    NEXT = "next"
    GAP = "gap"  # events before it are missing
    JUMP = "jump"  # more are missing than can be
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"  # another event had its number


@dataclass(frozen=True, slots=True)
class Numbered:
    """An event with its number."""

    sequence: int
    id: str
    time: datetime


@dataclass(slots=True)
class Mark:
    """How far a key was applied; `recent` holds its newest events as the inbox keeps them."""

    sequence: int
    recent: bytes = b""

    def judge(self, event: Numbered) -> Verdict:
        """Tell what the event's number means."""
        missing = event.sequence - self.sequence - 1
        if missing == 0:
            return Verdict.NEXT
        if missing > 0:
            return Verdict.GAP if missing <= LARGEST_GAP else Verdict.JUMP
        known = self._known()
        if known is None:
            return Verdict.DUPLICATE  # a version that kept no ids has applied it
        newest_at, digests = known
        place = (self.sequence - event.sequence) * _DIGEST
        if place < len(digests):
            same = digests[place : place + _DIGEST] == _digest(event.id)
            return Verdict.DUPLICATE if same else Verdict.CONFLICT
        # Whatever is sent again is older than what was applied after it.
        later = _microseconds(event.time) > newest_at
        return Verdict.CONFLICT if later else Verdict.DUPLICATE

    def raise_to(self, event: Numbered) -> None:
        """Note that the event is applied."""
        missing = event.sequence - self.sequence - 1
        known = self._known()
        newest_at, digests = known if known is not None else (0, b"")
        digests = _digest(event.id) + _UNKNOWN * min(missing, WINDOW) + digests
        newest_at = max(newest_at, _microseconds(event.time))
        self.recent = _HEAD.pack(event.sequence, newest_at) + digests[: WINDOW * _DIGEST]
        self.sequence = event.sequence

    def _known(self) -> tuple[int, bytes] | None:
        """Return the newest time and the ids' digests, newest first; None where they are stale."""
        if len(self.recent) < _HEAD.size:
            return None
        sequence, newest_at = _HEAD.unpack_from(self.recent)
        return (newest_at, self.recent[_HEAD.size :]) if sequence == self.sequence else None


@dataclass(slots=True)
class Marks:
    """The marks of the keys in a batch: what was applied, and what the batch adds."""

    topic: str
    by_key: dict[str, Mark]

    def judge(self, key: str, event: Numbered) -> Verdict:
        """Tell what the event's number means."""
        return self.by_key[key].judge(event)

    def raise_to(self, key: str, event: Numbered) -> None:
        """Note that the event is applied, or parked in its place, by this transaction."""
        self.by_key[key].raise_to(event)


def _digest(event_id: str) -> bytes:
    return blake2b(event_id.encode(), digest_size=_DIGEST).digest()


def _microseconds(time: datetime) -> int:
    return int(time.timestamp() * 1_000_000)
