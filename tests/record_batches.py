"""Record batches made byte by byte, as foreign publishers may write them, and put onto a topic."""

import struct
import time
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

NONE, GZIP, SNAPPY, LZ4, ZSTD = range(5)
CODECS = {"none": NONE, "gzip": GZIP, "snappy": SNAPPY, "lz4": LZ4, "zstd": ZSTD}
CHECKSUM_AT, CHECKED_FROM = 17, 21
# Key, value, headers.
Record = tuple[bytes | None, bytes | None, Sequence[tuple[str, bytes | None]]]


def batch_of(*records: Record, codec: int = NONE, at: int | None = None) -> bytes:
    """Return the records as one batch, written at that time in milliseconds, now by default."""
    written = int(time.time() * 1000) if at is None else at
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=codec,
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=1 << 30,
    )
    for offset, (key, value, headers) in enumerate(records):
        assert builder.append(offset, written, key, value, list(headers))
    return bytes(builder.build())


def with_checksum(batch: bytes) -> bytes:
    """Return the batch with the checksum of its bytes."""
    checksum = struct.pack(">I", calc_crc32c(batch[CHECKED_FROM:]))
    return batch[:CHECKSUM_AT] + checksum + batch[CHECKED_FROM:]


def with_bytes(batch: bytes, old: bytes, new: bytes) -> bytes:
    """Return an uncompressed batch with some of its bytes replaced, and the right checksum."""
    assert len(old) == len(new)
    assert batch.count(old) == 1
    return with_checksum(batch.replace(old, new))


class _RawBatch(BatchBuilder):  # type: ignore[misc] # aiokafka ships no types
    """A batch that is sent as it is."""

    def __init__(self, raw: bytes, count: int) -> None:
        self._raw, self._count = raw, count

    def _build(self) -> bytes:
        return self._raw

    def close(self) -> None:
        pass

    def closed(self) -> bool:
        return True

    def record_count(self) -> int:
        return self._count


async def put_batch(bootstrap: str, topic: str, partition: int, raw: bytes, count: int = 1) -> int:
    """Put the batch onto the partition; return its first offset."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", request_timeout_ms=60_000)
    await producer.start()
    try:
        sent = await producer.send_batch(_RawBatch(raw, count), topic, partition=partition)
        return int((await sent).offset)
    finally:
        await producer.stop()
