"""Renders the attendee pages from templates and phrases, and serves assets; reads no request."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from services.chassis.web.catalogues import Language
from services.chassis.web.readers import Reader

HERE = Path(__file__).parent
KEPT_OPTIONS = 16
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


# Time zones by region: the names that are chosen, and what is shown.
Regions = Mapping[str, Sequence[tuple[str, str]]]


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
    return _template(content.TEMPLATE).render(
        {each.name: getattr(content, each.name) for each in fields(content)},
        languages=languages,
        reader=reader,
        say=reader.language.say_in_html,
        text=reader.language.say,
    )


def zone_options(regions: Regions, chosen: str) -> Markup:
    """Return the zones as the options of a list; they are most of a page, so they are kept."""
    options = _options(tuple((region, tuple(places)) for region, places in regions.items()))
    value = Markup('value="{}"').format(chosen)
    return Markup(options.replace(value, f"{value} selected", 1))  # noqa: S704 -- both are escaped


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


@lru_cache(maxsize=KEPT_OPTIONS)
def _options(regions: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]) -> str:
    return _template("zones.html").render(regions=regions)


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:12]
    return Asset(content, digest, MEDIA_TYPES[path.suffix])


@lru_cache
def _template(name: str) -> Template:
    """Return the template, read and compiled once: a change of the file needs a new process."""
    return _environment().get_template(name)


@lru_cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        auto_reload=False,
        cache_size=-1,  # every template stays
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = asset_address
    environment.globals["zone_options"] = zone_options
    return environment
