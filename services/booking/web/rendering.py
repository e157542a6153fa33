"""Renders booking's pages from their templates and phrases; reads no request."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup

from services.chassis.web.pages import Header, LanguageLinks, PageContent, Pages
from services.chassis.web.readers import Reader

KEPT_OPTIONS = 16

# Time zones by region: the names that are chosen, and what is shown.
Regions = Mapping[str, Sequence[tuple[str, str]]]


def render(
    content: PageContent, reader: Reader, languages: LanguageLinks, header: Header | None = None
) -> str:
    """Return the page in the reader's language; everything that is put in is escaped.

    `languages` are those to choose from, each with the address of the same page in it.
    """
    return _PAGES.render(content, reader, languages, header)


def zone_options(regions: Regions, chosen: str) -> Markup:
    """Return the zones as the options of a list; they are most of a page, so they are kept."""
    options = _options(tuple((region, tuple(places)) for region, places in regions.items()))
    value = Markup('value="{}"').format(chosen)
    return Markup(options.replace(value, f"{value} selected", 1))  # noqa: S704 -- both are escaped


@lru_cache(maxsize=KEPT_OPTIONS)
def _options(regions: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]) -> str:
    return _PAGES.template("zones.html").render(regions=regions)


_PAGES = Pages(Path(__file__).parent / "templates", zone_options=zone_options)
