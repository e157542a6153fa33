"""The languages of the pages, `words/<language>.json`, and the one that a visitor reads."""

from pathlib import Path

from services.chassis.web.catalogues import Catalogue, catalogue
from services.chassis.web.readers import Reader, reader_by_request

WORDS = Path(__file__).parent / "words"


def languages() -> Catalogue:
    """Return all languages by their code."""
    return catalogue(WORDS)


def reader_of(asked: str | None, accept_language: str) -> Reader:
    """Return the visitor whose address names a language, or whose browser prefers some."""
    return reader_by_request(languages(), asked, accept_language)
