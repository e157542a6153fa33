"""Lists of texts as PostgreSQL takes them fastest: in binary, with no quoting of what they hold.

An append with plain lists costs a third more processor time, with psycopg's own binary lists a
sixth (docs/decisions/0014-measured-optimizations.md).
"""

from struct import Struct

from psycopg import adapters
from psycopg.adapt import Dumper
from psycopg.pq import Format

_HEAD = Struct("!iiiii").pack  # dimensions, whether any is NULL, type of the items, count, from 1
_LENGTH = Struct("!i").pack
_TEXT, _TEXTS = 25, 1009  # types of PostgreSQL's own, fixed for ever


class Texts(tuple[str, ...]):
    """A list that travels as `text[]`."""

    __slots__ = ()


class _TextsDumper(Dumper):
    format = Format.BINARY
    oid = _TEXTS

    def dump(self, obj: Texts) -> bytes:
        parts = [_HEAD(1, 0, _TEXT, len(obj), 1)]
        for text in obj:
            held = text.encode()
            parts += (_LENGTH(len(held)), held)
        return b"".join(parts)


adapters.register_dumper(Texts, _TextsDumper)
