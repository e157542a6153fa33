"""Renders the attendee pages from templates and phrases, and serves assets; reads no request."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.chassis.web.catalogues import Language
from services.chassis.web.readers import Reader

HERE = Path(__file__).parent
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages load; `digest` changes with its content."""

    content: bytes
    digest: str
    media_type: str


class PageContent(Protocol):
    """What a page says: a dataclass whose fields are the variables of its template."""

    TEMPLATE: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


def render(content: PageContent, reader: Reader, languages: Sequence[tuple[Language, str]]) -> str:
    """Return the page in the reader's language; everything that is put in is escaped.

    `languages` are those to choose from, each with the address of the same page in it.
    """
    return (
        _environment()
        .get_template(content.TEMPLATE)
        .render(
            {each.name: getattr(content, each.name) for each in fields(content)},
            languages=languages,
            reader=reader,
            say=reader.language.say_in_html,
            text=reader.language.say,
        )
    )


@lru_cache
def assets() -> Mapping[str, Asset]:
    """Return all assets by name."""
    return {path.name: _read(path) for path in sorted((HERE / "assets").iterdir())}


def asset(name: str) -> Asset | None:
    """Return the asset, or None if there is none of that name."""
    return assets().get(name)


def asset_address(name: str) -> str:
    """Return the asset's address: a new one for a new content, so that it may be kept for ever."""
    return f"/assets/{assets()[name].digest}/{name}"


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:12]
    return Asset(content, digest, MEDIA_TYPES[path.suffix])


@lru_cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = asset_address
    return environment
