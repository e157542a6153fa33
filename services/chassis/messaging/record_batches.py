"""Record batches as Kafka stores them, read so that a record that cannot be read costs only itself.

aiokafka's own reader raises at the first byte that it does not expect, drops the records before it
with it, and decompresses without a bound.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from aiokafka import ConsumerRecord, TopicPartition

from services.chassis.messaging.decompression import Undecodable, expand

# What a batch may be once it is decompressed. Ours are 1 MiB at most, a foreign one may be more.
LARGEST_BATCH = 16 * 1024 * 1024
# How much of what cannot be read is kept: enough to recognize it.
HEAD = 16 * 1024
_SOUND_BATCH = 10_000_000  # records; a batch that says more has a broken head

_BATCH = struct.Struct(">qiibIhiqqqhii")
_MAGIC_AT = 16
_CODEC, _LOG_APPEND_TIME = 0x07, 0x08


@dataclass
class UnreadableRecord(ConsumerRecord):  # type: ignore[misc] # aiokafka ships no types
    """What stands in for a record that cannot be read, or for the rest of a batch from there on."""

    fault: str = ""
    """Why; quotes nothing of the record."""
    last_offset: int = -1
    """The last offset that this stands for."""
    size: int = -1
    """The size of the whole value, else of the whole batch, in bytes."""


def next_offset(record: ConsumerRecord) -> int:
    """Return the offset after the record, or after all that an unreadable one stands for."""
    last = record.last_offset if isinstance(record, UnreadableRecord) else record.offset
    return int(last) + 1


@dataclass(frozen=True, slots=True)
class BatchHead:
    """What stands before the records of a batch."""

    partition: TopicPartition
    raw: bytes
    first_offset: int
    magic: int
    attributes: int
    last_offset: int
    first_timestamp: int
    last_timestamp: int
    count: int

    @property
    def codec(self) -> int:
        """How the records are compressed."""
        return self.attributes & _CODEC

    def unreadable(self, offset: int, fault: str, value: bytes | None = None) -> UnreadableRecord:
        """Return what stands for the batch from the offset on."""
        held = self.raw if value is None else value
        return _unreadable(self, offset, None, held, (), fault, self.last_offset, len(held))


def read_head(partition: TopicPartition, raw: bytes) -> BatchHead:
    """Read the head; one that is too short or not sound stands for its first offset only."""
    if len(raw) < _BATCH.size:
        first = int.from_bytes(raw[:8], "big", signed=True)
        magic = raw[_MAGIC_AT] if len(raw) > _MAGIC_AT else -1
        return BatchHead(partition, raw, first, magic, 0, first, 0, 0, 0)
    first, _, _, magic, _, attributes, delta, earliest, latest, *_, count = _BATCH.unpack_from(raw)
    sound = magic >= 2 and 0 <= delta < _SOUND_BATCH
    last = first + delta if sound else first
    return BatchHead(partition, raw, first, magic, attributes, last, earliest, latest, count)


def expanded(head: BatchHead) -> tuple[bytes, bool]:
    """Return the records' bytes and whether they are all of them; raises Undecodable."""
    found = expand(head.codec, head.raw[_BATCH.size :], LARGEST_BATCH)
    return found.payload, found.whole


def uncompressed(head: BatchHead, payload: bytes) -> bytes:
    """Return the batch as it would be without compression; its checksum is the old one."""
    fields = list(_BATCH.unpack_from(head.raw))
    fields[1] = _BATCH.size - 12 + len(payload)
    fields[5] = head.attributes & ~_CODEC
    return _BATCH.pack(*fields) + payload


def read_one_by_one(
    head: BatchHead, payload: bytes, *, whole: bool, start: int
) -> Iterator[ConsumerRecord]:
    """Yield the records from an offset on, each that cannot be read as an UnreadableRecord.

    Where one record ends says its own head: behind one without a sound length nothing is found.
    """
    place, following = 0, head.first_offset
    for _ in range(head.count):
        try:
            length, begin = _varint(payload, place)
        except IndexError:
            length, begin = -1, place
        end = begin + length
        if length < 0 or end > len(payload):
            break
        record = _read(head, payload[begin:end], following)
        if record.offset >= start:
            yield record
        place, following = end, record.offset + 1
    else:
        return
    offset = max(following, start)
    if offset <= head.last_offset:
        words = "the batch gets larger than" if not whole else "it has no sound length, within"
        fault = f"{words} {LARGEST_BATCH // (1024 * 1024)} MiB"
        yield _cut_off(head, payload[place:], offset, fault)


def _read(head: BatchHead, raw: bytes, expected: int) -> ConsumerRecord:
    fields = _Fields(head, raw, expected)
    try:
        return fields.record()
    except (IndexError, ValueError) as error:
        fault = str(error) if isinstance(error, Undecodable) else "its fields are broken"
        value = raw if fields.value is None else fields.value
        found = fields.offset
        return _unreadable(head, found, fields.key, value, fields.headers, fault, found, len(value))


def _cut_off(head: BatchHead, raw: bytes, offset: int, fault: str) -> UnreadableRecord:
    """Return what stands for a record of which only the beginning is here, and for the rest."""
    try:
        _, place = _varint(raw, 0)
        fields = _Fields(head, raw[place:], offset)
        fields.read_to_value()
    except (IndexError, ValueError):
        return head.unreadable(offset, fault)
    held = fields.value or b""
    return _unreadable(
        head, offset, fields.key, held, (), fault, head.last_offset, fields.value_size
    )


class _Fields:
    """The fields of one record, filled as far as they can be read."""

    def __init__(self, head: BatchHead, raw: bytes, expected: int) -> None:
        self._head, self._raw, self._place = head, raw, 0
        self.offset = expected
        self.timestamp = head.last_timestamp
        self.key: bytes | None = None
        self.value: bytes | None = None
        self.value_size = -1
        self.headers: list[tuple[str, bytes | None]] = []

    def record(self) -> ConsumerRecord:
        self.read_to_value()
        fault = ""
        for _ in range(self._number()):
            name = self._bytes() or b""
            try:
                text = name.decode()
            except UnicodeDecodeError:
                fault, text = "a header's name is not UTF-8", name.decode(errors="backslashreplace")
            self.headers.append((text, self._bytes()))
        if self._place != len(self._raw):
            fault = "its length is not that of its fields"
        if fault:
            raise Undecodable(fault)
        return ConsumerRecord(
            *self._head.partition,
            self.offset,
            self.timestamp,
            (self._head.attributes & _LOG_APPEND_TIME) >> 3,
            self.key,
            self.value,
            None,
            -1 if self.key is None else len(self.key),
            -1 if self.value is None else len(self.value),
            tuple(self.headers),
        )

    def read_to_value(self) -> None:
        self._place += 1  # attributes, of which there are none
        delta = self._number()
        if not self._head.attributes & _LOG_APPEND_TIME:
            self.timestamp = self._head.first_timestamp + delta
        offset = self._head.first_offset + self._number()
        if self.offset <= offset <= self._head.last_offset:
            self.offset = offset
        self.key = self._bytes()
        self.value_size = self._number()
        if self.value_size >= 0:
            self.value = self._raw[self._place : self._place + self.value_size]
            self._place += self.value_size

    def _number(self) -> int:
        number, self._place = _varint(self._raw, self._place)
        return number

    def _bytes(self) -> bytes | None:
        length = self._number()
        if length < 0:
            return None
        begin, self._place = self._place, self._place + length
        if self._place > len(self._raw):
            raise Undecodable("its fields are longer than it is")
        return self._raw[begin : self._place]


def _unreadable(
    head: BatchHead,
    offset: int,
    key: bytes | None,
    value: bytes,
    headers: object,
    fault: str,
    last_offset: int,
    size: int,
) -> UnreadableRecord:
    kept = key and key[:HEAD]
    return UnreadableRecord(
        *head.partition,
        offset,
        max(0, head.last_timestamp),
        0,
        kept,
        value[:HEAD],
        None,
        len(key or b""),
        size,
        tuple(headers),  # type: ignore[arg-type]
        fault=fault,
        last_offset=last_offset,
        size=size,
    )


def _varint(raw: bytes, place: int) -> tuple[int, int]:
    """Return a zigzag number and the place behind it; IndexError at the end of the bytes."""
    number = shift = 0
    while True:
        byte = raw[place]
        place += 1
        number |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return (number >> 1) ^ -(number & 1), place
        shift += 7
        if shift > 63:
            raise IndexError("a number without end")
