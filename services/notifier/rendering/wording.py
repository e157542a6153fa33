"""The languages of the mails, `words/<language>.json`, and the clock that a mail is written by."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from services.calendar_entry import words
from services.chassis.web.catalogues import Catalogue, catalogue
from services.chassis.web.clock import Clock, clock_in
from services.chassis.web.readers import reader_by_locale

WORDS = Path(__file__).parent.parent / "words"


@lru_cache
def languages() -> Catalogue:
    """Return all languages by their code; what a calendar entry says too has the same words."""
    entries = words.languages()
    return {
        code: replace(language, phrases={**entries[code].phrases, **language.phrases})
        for code, language in catalogue(WORDS).items()
    }


def clock_of(locale: str, time_zone: str) -> Clock:
    """Return the clock of a reader with this locale in this zone; raise UnknownZone."""
    return clock_in(reader_by_locale(languages(), locale), time_zone)
