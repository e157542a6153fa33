"""Fetched batches: what cannot be read becomes a record with its place, nothing else is lost."""

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import CorruptRecordException

from services.chassis.messaging.record_batches import (
    HEAD,
    LARGEST_BATCH,
    UnreadableRecord,
    next_offset,
)
from services.chassis.messaging.tolerant_reading import (
    CHECKSUM_TRIES,
    MOST_BYTES,
    RawBatches,
    TolerantRecords,
)
from tests.record_batches import CODECS, GZIP, ZSTD, Record, batch_of, with_bytes, with_checksum

GOOD = (b"k", b"v", [("name", b"1"), ("odd", None)])
AT = 1_800_000_000_000
EMPTY: Record = (None, None, [])


@pytest.fixture(autouse=True)
def _nothing_was_damaged_before() -> None:
    TolerantRecords.damaged.clear()


def read(fetched: bytes, start: int = 0) -> tuple[list[ConsumerRecord], int]:
    """Return what a fetch hands on, and where the next one begins."""
    records = TolerantRecords(
        TopicPartition("t", 3), RawBatches(fetched), [], start, None, None, True, "read_uncommitted"
    )
    return list(records), records.next_fetch_offset


def brief(records: list[ConsumerRecord]) -> list[object]:
    return [
        (each.offset, each.fault) if isinstance(each, UnreadableRecord) else each.value
        for each in records
    ]


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
def test_a_sound_batch_is_read_whole_however_it_is_compressed(codec: int) -> None:
    found, following = read(batch_of(GOOD, EMPTY, (b"k2", b"w" * 300_000, []), codec=codec, at=AT))

    assert 3 == following
    assert [(b"k", b"v"), (None, None), (b"k2", b"w" * 300_000)] == [
        (each.key, each.value) for each in found
    ]
    assert (("name", b"1"), ("odd", None)) == found[0].headers
    assert [("t", 3, n, AT) for n in range(3)] == [
        (each.topic, each.partition, each.offset, each.timestamp) for each in found
    ]


def test_a_header_name_that_is_not_utf8_costs_its_record_only() -> None:
    batch = batch_of(GOOD, (b"key", b"poison", [("XX", b"1"), ("b", b"2")]), (b"k", b"after", []))
    found, following = read(with_bytes(batch, b"XX", b"\xff\xfe"))

    assert [b"v", (1, "a header's name is not UTF-8"), b"after"] == brief(found)
    poison = found[1]
    assert (b"key", b"poison") == (poison.key, poison.value)
    assert (("\\xff\\xfe", b"1"), ("b", b"2")) == poison.headers
    assert 3 == following


def test_a_record_whose_fields_are_broken_costs_itself_only() -> None:
    batch = batch_of(GOOD, (b"key", b"poison", []), (b"k", b"after", []))
    # The length of the value, a zigzag number before it, says that there is more than there is.
    found, _ = read(with_bytes(batch, b"\x0cpoison", b"\x7epoison"))

    assert [b"v", (1, "its fields are broken"), b"after"] == brief(found)


@pytest.mark.parametrize("codec", list(CODECS.values())[1:], ids=list(CODECS)[1:])
def test_a_record_that_is_huge_once_decompressed_is_cut_and_named_with_its_size(
    codec: int,
) -> None:
    huge = b"h" * (LARGEST_BATCH + 1_000_000)
    batch = batch_of(GOOD, (b"key", huge, []), (b"k", b"behind", []), codec=codec)
    found, following = read(batch)

    assert len(batch) < LARGEST_BATCH / 4
    assert [b"v", (1, "the batch gets larger than 16 MiB")] == brief(found)
    assert (b"h" * HEAD, len(huge), 2) == (found[1].value, found[1].size, found[1].last_offset)
    assert 3 == following == next_offset(found[1])


def test_a_batch_after_one_that_cannot_be_read_is_read() -> None:
    broken = batch_of((b"k", b"x" * 1_000, []), codec=GZIP)
    broken = with_checksum(broken[:80] + b"\x00\xff" * 8 + broken[96:])
    after = bytearray(batch_of(GOOD))
    after[0:8] = (1).to_bytes(8, "big")
    found, following = read(broken + bytes(after))

    assert [(0, "its gzip cannot be decompressed"), b"v"] == brief(found)
    assert 2 == following


def test_a_codec_and_a_format_that_nobody_knows_cost_their_batch_only() -> None:
    codec = bytearray(batch_of(GOOD, GOOD))
    codec[22] = 5
    magic = bytearray(batch_of(GOOD, GOOD))
    magic[16] = 7

    assert [(0, "it is compressed in an unknown way (5)")] == brief(
        read(with_checksum(bytes(codec)))[0]
    )
    assert [(0, "its format 7 is not known")] == brief(read(bytes(magic))[0])
    assert 2 == read(bytes(magic))[1]


def test_a_wrong_checksum_is_fetched_again_and_parked_when_it_stays_wrong() -> None:
    damaged = batch_of(GOOD, GOOD)[:-1] + b"\x03"
    for _ in range(CHECKSUM_TRIES - 1):
        with pytest.raises(CorruptRecordException):
            read(damaged)
    found, following = read(damaged)

    assert [(0, "its checksum is not that of its bytes")] == brief(found)
    assert 2 == following
    assert [b"v", b"v"] == brief(read(batch_of(GOOD, GOOD))[0])
    with pytest.raises(CorruptRecordException):
        read(damaged)  # whole once, it is trusted again


def test_one_look_at_a_partition_hands_on_a_bounded_amount() -> None:
    megabyte = b"m" * (1024 * 1024)
    batch = batch_of(*[(b"k", megabyte, [])] * 12, codec=ZSTD)
    seen, start = [], 0
    while start < 12:
        found, following = read(batch, start)
        assert sum(len(each.value) for each in found) <= MOST_BYTES + len(megabyte)
        assert following > start
        seen += [each.offset for each in found]
        start = following

    assert list(range(12)) == seen


def test_a_batch_that_is_cut_off_is_left_for_the_next_fetch() -> None:
    found, following = read(batch_of(GOOD) + batch_of(GOOD)[:-5])

    assert [b"v"] == brief(found)
    assert 1 == following
    assert not RawBatches(batch_of(GOOD)[:-5]).has_next()
