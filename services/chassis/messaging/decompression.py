"""A record batch's payload, decompressed up to a bound: 200 kB may stand for 200 MB."""

import struct
from dataclasses import dataclass

import cramjam

NONE, GZIP, SNAPPY, LZ4, ZSTD = range(5)
NAMES = {GZIP: "gzip", SNAPPY: "snappy", LZ4: "lz4", ZSTD: "zstd"}

# Java's clients frame snappy as the xerial library does: this head, then blocks with their lengths.
_XERIAL = b"\x82SNAPPY\x00"
_XERIAL_HEAD_SIZE = 16
_BLOCK_LENGTH = struct.Struct(">i")
_FIRST_GUESS = 8  # times the size of what is compressed; JSON rarely shrinks to less than an eighth


class Undecodable(ValueError):
    """The payload is not what its codec writes; the words quote nothing of it."""


@dataclass(frozen=True, slots=True)
class Expanded:
    """What came out, and whether that is all: behind the bound nothing was read."""

    payload: bytes
    whole: bool


def expand(codec: int, packed: bytes, limit: int) -> Expanded:
    """Decompress at most `limit` bytes.

    Raises:
        Undecodable: an unknown codec, or a payload that is broken.
    """
    if codec == NONE:
        return Expanded(packed, whole=True)
    if codec not in NAMES:
        raise Undecodable(f"it is compressed in an unknown way ({codec})")
    try:
        if codec == SNAPPY:
            return _snappy(packed, limit)
        guess = min(limit, max(64 * 1024, _FIRST_GUESS * len(packed)))
        found = _stream(codec, packed, guess)
        return found if found.whole or guess == limit else _stream(codec, packed, limit)
    except (cramjam.DecompressionError, struct.error, ValueError, EOFError) as fault:
        raise Undecodable(f"its {NAMES[codec]} cannot be decompressed") from fault


def _stream(codec: int, packed: bytes, limit: int) -> Expanded:
    """Decompress into a buffer of that size; a stream that does not fit fills it."""
    buffer = bytearray(limit)
    module = {GZIP: cramjam.gzip, LZ4: cramjam.lz4, ZSTD: cramjam.zstd}[codec]
    try:
        count = module.decompress_into(packed, buffer)
    except cramjam.DecompressionError as fault:
        if "whole buffer" not in str(fault):
            raise
        return Expanded(bytes(buffer), whole=False)
    return Expanded(bytes(memoryview(buffer)[:count]), whole=True)


def _snappy(packed: bytes, limit: int) -> Expanded:
    if not packed.startswith(_XERIAL):
        return _snappy_block(packed, limit)
    parts: list[bytes] = []
    place, left = _XERIAL_HEAD_SIZE, limit
    while place < len(packed):
        (length,) = _BLOCK_LENGTH.unpack_from(packed, place)
        place += _BLOCK_LENGTH.size
        if not 0 < length <= len(packed) - place:
            raise Undecodable("a block of its snappy has no sound length")
        block = _snappy_block(packed[place : place + length], left)
        if not block.whole:
            return Expanded(b"".join(parts), whole=False)
        parts.append(block.payload)
        place, left = place + length, left - len(block.payload)
    return Expanded(b"".join(parts), whole=True)


def _snappy_block(packed: bytes, limit: int) -> Expanded:
    """Decompress one block, which says in its head how large it gets."""
    if cramjam.snappy.decompress_raw_len(packed) > limit:
        return Expanded(b"", whole=False)
    return Expanded(bytes(cramjam.snappy.decompress_raw(packed)), whole=True)
