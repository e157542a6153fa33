"""The files that pages load: style sheet, script, typeface, icon; each with a lasting address."""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "assets"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
# What is packed already does not get smaller.
_PACKED = {".woff2"}
_NAMED_IN_CSS = re.compile(r'url\("([\w.-]+)"\)')


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages load; `digest` changes with its content, `packed` is it for gzip."""

    content: bytes
    packed: bytes | None
    digest: str
    media_type: str


@cache
def assets() -> Mapping[str, Asset]:
    """Return all assets by name; the style sheet comes last, since it names others."""
    paths = sorted(FOLDER.iterdir(), key=lambda path: (path.suffix == ".css", path.name))
    found: dict[str, Asset] = {}
    for path in paths:
        content = path.read_bytes()
        if path.suffix == ".css":
            content = _with_addresses(content.decode(), found).encode()
        found[path.name] = _asset(content, path.suffix)
    return found


def asset_address(name: str) -> str:
    """Return the asset's address: a new one for a new content, so that it may be kept for ever."""
    return f"/assets/{assets()[name].digest}/{name}"


def _asset(content: bytes, suffix: str) -> Asset:
    packed = None if suffix in _PACKED else gzip.compress(content, mtime=0)
    return Asset(content, packed, hashlib.sha256(content).hexdigest()[:12], MEDIA_TYPES[suffix])


def _with_addresses(css: str, others: Mapping[str, Asset]) -> str:
    """Name the other files by their lasting addresses, relative to the style sheet's own."""
    return _NAMED_IN_CSS.sub(
        lambda found: f'url("../{others[found[1]].digest}/{found[1]}")',
        css,
    )
