"""The languages of the mails, `words/<language>.json`, and the clock that a mail is written by."""

from pathlib import Path

from services.chassis.web.catalogues import Catalogue, catalogue
from services.chassis.web.clock import Clock, clock_in
from services.chassis.web.readers import reader_by_locale

WORDS = Path(__file__).parent.parent / "words"


def languages() -> Catalogue:
    """Return all languages by their code."""
    return catalogue(WORDS)


def clock_of(locale: str, time_zone: str) -> Clock:
    """Return the clock of a reader with this locale in this zone; raise UnknownZone."""
    return clock_in(reader_by_locale(languages(), locale), time_zone)
