"""The audit's chain: a record's digest covers its text and the digest of the record before."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

# In the place of a digest before the first record.
NOTHING = bytes(32)


@dataclass(frozen=True, slots=True)
class Head:
    """How far a chain has come: the last record's number and digest."""

    number: int = 0
    digest: bytes = NOTHING

    def __str__(self) -> str:
        """Return it as it is written down."""
        return f"{self.number}:{self.digest.hex()}"

    @classmethod
    def parse(cls, text: str) -> "Head":
        """Return the head that was written down; raise ValueError."""
        number, _, digest = text.strip().partition(":")
        head = cls(int(number), bytes.fromhex(digest))
        if head.number < 0 or len(head.digest) != len(NOTHING):
            raise ValueError("a head is a number, a colon and 64 hexadecimal digits")
        return head


@dataclass(frozen=True, slots=True)
class Link:
    """A record as it is stored: its place, its text, and the digest that was made when it came."""

    number: int
    record: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class AuditFault:
    """What does not fit, at which record; None for an event without a record.

    `time` is what the record says, None where it is not there.
    """

    number: int | None
    time: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check has found: where the chain stands now, how many records, and the faults."""

    head: Head = Head()
    records: int = 0
    faults: tuple[AuditFault, ...] = field(default=())

    def with_faults(self, more: Iterable[AuditFault]) -> "Checked":
        """Return it with more faults."""
        return replace(self, faults=(*self.faults, *more))


def digest_of(before: bytes, record: str) -> bytes:
    """Return the digest of a record behind the digest of the one before."""
    return hashlib.sha256(before + record.encode()).digest()


def check(links: Iterable[Link], after: Head, written_down: Head | None = None) -> Checked:
    """Check the records that follow the head, in the order of their numbers.

    Where a digest does not fit, the stored one is believed further on: so each break is named once.
    """
    checked = Checked(after)
    for link in links:
        faults = list(_faults(link, checked.head))
        head = Head(link.number, link.digest)
        if written_down and written_down.number == link.number and written_down != head:
            detail = "is not the record whose digest was written down: it, or one before, is new"
            faults.append(AuditFault(link.number, _time(link), detail))
        checked = Checked(head, checked.records + 1, (*checked.faults, *faults))
    return checked


def check_end(checked: Checked, written_down: Head | None) -> Checked:
    """Return what was found once there are no further records: is the end the end there was?"""
    if written_down is None or written_down.number <= checked.head.number:
        return checked
    missing = _numbers(checked.head.number + 1, written_down.number)
    return checked.with_faults(
        [AuditFault(checked.head.number + 1, None, f"{missing} from the end, which was cut off")]
    )


def _faults(link: Link, before: Head) -> Iterator[AuditFault]:
    time = _time(link)
    if link.number > before.number + 1:
        missing = _numbers(before.number + 1, link.number - 1)
        yield AuditFault(before.number + 1, None, f"{missing}")
        if _number(link) != link.number:
            yield AuditFault(link.number, time, _moved(link))
        return  # its digest covers one that is missing
    if _number(link) != link.number:
        yield AuditFault(link.number, time, _moved(link))
    if link.digest != digest_of(before.digest, link.record):
        detail = "the digest fits neither its text nor the record before: one of them was changed"
        yield AuditFault(link.number, time, detail)


def _moved(link: Link) -> str:
    said = _number(link)
    named = "no number" if said is None else f"the number {said}"
    return f"the text has {named}: it was written for another place, or was changed"


def _numbers(first: int, last: int) -> str:
    if first == last:
        return f"record {first} is missing"
    return f"records {first} to {last} are missing"


def _number(link: Link) -> int | None:
    said = _read(link).get("number")
    return said if isinstance(said, int) else None


def _time(link: Link) -> str | None:
    said = _read(link).get("time")
    return said if isinstance(said, str) else None


def _read(link: Link) -> dict[str, object]:
    try:
        found = json.loads(link.record)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
