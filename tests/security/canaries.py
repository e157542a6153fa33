"""Canaries: words of one person, looked for in whatever form bytes may hold them."""

import base64
import binascii
import json
import quopri
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import unquote_to_bytes

# How many forms inside one another are taken apart: JSON in gzip in base64.
DEPTH = 4
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/_-]\s?){16,}={0,2}")
_HEX = re.compile(rb"(?:[0-9a-f]{2}){8,}")
_JSON_ESCAPE = re.compile(rb"(?:\\u[0-9a-fA-F]{4})+")
_GZIP = b"\x1f\x8b\x08"


def found_in(content: bytes, words: tuple[str, ...]) -> set[str]:
    """Return the words that the content holds, in plain or in any form that is known here."""
    found: set[str] = set()
    seen: set[bytes] = set()
    layer = [content]
    for _ in range(DEPTH):
        for held in layer:
            found |= {word for word in words if _holds(held, word)}
        deeper = {form for held in layer for form in _forms(held)} - seen
        seen |= deeper
        layer = sorted(deeper)
    return found


def _holds(content: bytes, word: str) -> bool:
    lowered = content.lower()  # of ASCII only
    return any(
        written.encode(encoding).lower() in lowered
        for written in (word, word.lower(), word.upper())
        for encoding in ("utf-8", "utf-16-le", "utf-16-be")
    )


def _forms(content: bytes) -> Iterator[bytes]:
    """Yield what the content holds once one encoding is taken off, whole or in part."""
    yield from _base64(content)
    yield from _hexadecimal(content)
    yield from _gzip(content)
    if b"=" in content:
        yield quopri.decodestring(content)
    if b"%" in content:
        yield unquote_to_bytes(content)
    if b"\\u" in content:
        yield _JSON_ESCAPE.sub(_unescaped, content)


def _base64(content: bytes) -> Iterator[bytes]:
    for run in _BASE64.finditer(content):
        letters = bytes(run[0]).translate(bytes.maketrans(b"-_", b"+/"), b" \r\n\t=")
        for skipped in range(4):  # what stands before it may be of the same letters
            part = letters[skipped:]
            part = part[:-1] if len(part) % 4 == 1 else part
            part += b"=" * (-len(part) % 4)
            try:
                yield base64.b64decode(part)
            except binascii.Error:
                continue


def _hexadecimal(content: bytes) -> Iterator[bytes]:
    for run in _HEX.finditer(content):
        yield bytes.fromhex(run[0].decode())


def _gzip(content: bytes) -> Iterator[bytes]:
    start = content.find(_GZIP)
    while start >= 0:
        with suppress(zlib.error):
            yield zlib.decompressobj(wbits=31).decompress(content[start:])
        start = content.find(_GZIP, start + 1)


def _unescaped(found: re.Match[bytes]) -> bytes:
    text: str = json.loads(b'"' + found[0] + b'"')
    return text.encode(errors="replace")
