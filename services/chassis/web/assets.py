"""The files that pages load: style sheet, script, typeface, icon; each with a lasting address.

An organization's colour and logo are among them from the start of the process on.
"""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from services.chassis.web.brand import Brand, style_of

FOLDER = Path(__file__).parent / "assets"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
# What is packed already does not get smaller.
_PACKED = {".woff2", ".png", ".webp"}
_NAMED_IN_CSS = re.compile(r'url\("([\w.-]+)"\)')


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages load; `digest` changes with its content, `packed` is it for gzip."""

    content: bytes
    packed: bytes | None
    digest: str
    media_type: str


_BRANDS = [Brand()]


def use_brand(brand: Brand) -> None:
    """Give the pages of this process an organization's look."""
    _BRANDS[:] = [brand]


def brand() -> Brand:
    """Return the look that the pages have."""
    return _BRANDS[0]


def assets() -> Mapping[str, Asset]:
    """Return all assets by name."""
    return _assets(brand())


def logo_address() -> str:
    """Return the address of the organization's logo; empty without one."""
    logo = brand().logo
    return asset_address(f"logo{logo.suffix}") if logo else ""


@lru_cache(maxsize=8)
def _assets(look: Brand) -> Mapping[str, Asset]:
    """Return the assets; the style sheet comes last, since it names others."""
    paths = sorted(FOLDER.iterdir(), key=lambda path: (path.suffix == ".css", path.name))
    found: dict[str, Asset] = {}
    if look.logo:
        found[f"logo{look.logo.suffix}"] = _asset(look.logo.read_bytes(), look.logo.suffix)
    for path in paths:
        content = path.read_bytes()
        if path.suffix == ".css":
            own = style_of(look.colour) if look.colour else ""
            content = (_with_addresses(content.decode(), found) + own).encode()
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
