"""Renders booking's pages from their templates and phrases; reads no request."""

from pathlib import Path

from services.chassis.web.pages import Frame, Header, LanguageLinks, PageContent, Pages
from services.chassis.web.readers import Reader

_PAGES = Pages(Path(__file__).parent / "templates")


def render(
    content: PageContent,
    reader: Reader,
    languages: LanguageLinks,
    header: Header | None = None,
    frame: Frame | None = None,
) -> str:
    """Return the page in the reader's language; everything that is put in is escaped.

    `languages` are those to choose from, each with the address of the same page in it.
    """
    return _PAGES.render(content, reader, languages, header, frame)
