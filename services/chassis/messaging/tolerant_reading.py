"""aiokafka's fetcher, made to hand on what cannot be read as records of their own, and bounded.

It has no setting for any of this. docs/reaching-into-libraries.md lists the names used here,
tests/unit/chassis/test_private_names.py watches them.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import ClassVar

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.legacy_records import LegacyRecordBatch

from services.chassis.messaging.decompression import Undecodable
from services.chassis.messaging.record_batches import (
    BatchHead,
    expanded,
    next_offset,
    read_head,
    read_one_by_one,
    uncompressed,
)

log = structlog.get_logger(__name__)

# What one look at a partition hands on before it is asked again: a foreign batch may be large.
MOST_BYTES = 4 * 1024 * 1024
# The bytes may have been damaged on their way: only what is damaged again and again stays so.
CHECKSUM_TRIES = 3

_LENGTH_AT, _OVERHEAD = 8, 12


def install() -> None:
    """Let every consumer of this process read this way; nothing changes when it is done again."""
    fetcher.MemoryRecords = RawBatches
    fetcher.PartitionRecords = TolerantRecords


def background_fault(consumer: AIOKafkaConsumer) -> BaseException | None:
    """Return what ended the fetching behind the consumer's back; its `getmany` does not tell."""
    task = consumer._fetcher.error_future  # noqa: SLF001
    if not task.done():
        return None
    ended = None if task.cancelled() else task.exception()
    return ended or RuntimeError("the fetching has ended")


class RawBatches:
    """The batches of a fetched partition as bytes, each only sliced off."""

    def __init__(self, fetched: bytes) -> None:
        self._fetched = fetched
        self._place = 0

    def size_in_bytes(self) -> int:
        """Return how much was fetched."""
        return len(self._fetched)

    def has_next(self) -> bool:
        """Return whether a whole batch is left; the last one may be cut off."""
        return self._end() is not None

    def next_batch(self) -> bytes:
        """Return the next batch's bytes."""
        end = self._end()
        assert end is not None
        batch, self._place = self._fetched[self._place : end], end
        return batch

    def _end(self) -> int | None:
        if len(self._fetched) - self._place < _OVERHEAD:
            return None
        at = self._place + _LENGTH_AT
        length = int.from_bytes(self._fetched[at : at + 4], "big", signed=True)
        end = self._place + _OVERHEAD + max(length, 0)
        return end if end <= len(self._fetched) else None


class TolerantRecords(fetcher.PartitionRecords):  # type: ignore[misc] # aiokafka ships no types
    """The records of a fetched partition; one that cannot be read is an UnreadableRecord."""

    # How often each batch, by its place, came with another checksum than its own.
    damaged: ClassVar[Counter[tuple[str, int, int]]] = Counter()

    next_fetch_offset: int

    def _unpack_records(self) -> Iterator[ConsumerRecord]:
        left = MOST_BYTES
        while self._records.has_next():
            head = read_head(self._tp, self._records.next_batch())
            for record in self._read(head):
                if record.offset < self.next_fetch_offset:
                    continue
                self.next_fetch_offset = next_offset(record)
                yield record
                left -= len(record.value or b"")
                if left < 0:
                    return  # the next fetch begins behind what was handed on
            self.next_fetch_offset = max(self.next_fetch_offset, head.last_offset + 1)

    def _read(self, head: BatchHead) -> Iterator[ConsumerRecord]:
        try:
            if head.magic == 2:
                yield from self._read_batch(head)
            else:
                yield from self._read_old(head)
        except CorruptRecordException:
            raise
        except Undecodable as fault:
            yield head.unreadable(self._next_of(head), str(fault))
        except Exception as fault:
            name = type(fault).__name__
            yield head.unreadable(self._next_of(head), f"it cannot be read ({name})")

    def _read_batch(self, head: BatchHead) -> Iterator[ConsumerRecord]:
        """Yield a batch's records by aiokafka's fast reader; from its first fault on one by one."""
        batch = DefaultRecordBatch(head.raw)
        self._check_sum(head, batch.validate_crc())
        if batch.is_control_batch:
            return
        payload, whole = expanded(head)
        if whole:
            if head.codec:
                batch = DefaultRecordBatch(uncompressed(head, payload))
            # Whatever it raises: the slow reader finds the record, and says what is wrong with it.
            with suppress(Exception):
                for record in batch:
                    yield self._consumer_record(self._tp, record)
                return
        start = self._next_of(head)
        yield from read_one_by_one(head, payload, whole=whole, start=start)

    def _next_of(self, head: BatchHead) -> int:
        """Return the first offset of the batch that was not handed on."""
        return max(self.next_fetch_offset, head.first_offset)

    def _read_old(self, head: BatchHead) -> Iterator[ConsumerRecord]:
        """Yield the records of the formats before Kafka 0.11; newer ones are not known."""
        if head.magic not in {0, 1}:
            raise Undecodable(f"its format {head.magic} is not known")
        batch = LegacyRecordBatch(head.raw, head.magic)
        self._check_sum(head, batch.validate_crc())
        for record in batch:
            yield self._consumer_record(self._tp, record)

    def _check_sum(self, head: BatchHead, sound: object) -> None:
        """Raise CorruptRecordException while the bytes may yet come whole, then Undecodable."""
        place = (*self._tp, head.first_offset)
        if sound:
            self.damaged.pop(place, None)
            return
        self.damaged[place] += 1
        if self.damaged[place] < CHECKSUM_TRIES:
            raise CorruptRecordException(f"the checksum of a batch is wrong: {place}")
        raise Undecodable("its checksum is not that of its bytes")
