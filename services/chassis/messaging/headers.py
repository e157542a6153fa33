"""A message's headers as one text of the outbox, quick to put together and to take apart.

The names stand first, joined by commas, then each value after a unit separator, which CloudEvents
forbids in a value. Whatever does not fit, as a foreign record's headers may not, is JSON. All
as JSON would cost the relay a fifth more processor time for each row
(docs/decisions/0014-measured-optimizations.md).
"""

import json
from collections.abc import Sequence
from functools import lru_cache

Headers = Sequence[tuple[str, bytes]]

_SEPARATOR = "\x1f"
_JSON = "["


def pack(headers: Headers) -> str:
    """Return the headers as one text."""
    try:
        names = ",".join([name for name, _ in headers])
        packed = _SEPARATOR.join([names, *[held.decode() for _, held in headers]])
    except (UnicodeDecodeError, AttributeError):  # Kafka lets a header's value be null
        return _pack_json(headers)
    fits = packed.count(_SEPARATOR) == len(headers) == names.count(",") + 1
    return packed if fits and "\0" not in packed and names[:1] != _JSON else _pack_json(headers)


def unpack(packed: str) -> list[tuple[str, bytes]]:
    """Return the headers that were packed."""
    if packed.startswith(_JSON):
        return [(name, held.encode("latin-1")) for name, held in json.loads(packed)]
    names, *values = packed.encode().split(b"\x1f")
    return list(zip(_names(names), values, strict=True))


@lru_cache(maxsize=1_000)
def _names(joined: bytes) -> tuple[str, ...]:
    """Return the names; there are few different lists of them."""
    return tuple(joined.decode().split(","))


def _pack_json(headers: Headers) -> str:
    return json.dumps([(name, (held or b"").decode("latin-1")) for name, held in headers])
