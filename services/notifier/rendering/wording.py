"""Languages: the phrases of `words/<language>.json`, found by locale."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup, escape

WORDS = Path(__file__).parent.parent / "words"
DEFAULT = "en"


@dataclass(frozen=True, slots=True)
class Language:
    """One language's words; a new language is a new file."""

    code: str
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    twelve_hour_regions: frozenset[str]
    phrases: Mapping[str, str]

    def say(self, key: str, facts: Mapping[str, str]) -> str:
        """Return the phrase with the facts in their places."""
        return self.phrases[key].format_map(facts)

    def say_in_html(self, key: str, facts: Mapping[str, str]) -> Markup:
        """Return the phrase for HTML: facts escaped, each kept from turning its neighbours."""
        apart = {name: Markup("<bdi>{}</bdi>").format(fact) for name, fact in facts.items()}
        return escape(self.phrases[key]).format_map(apart)


@lru_cache
def languages() -> Mapping[str, Language]:
    """Return all languages by their code."""
    return {path.stem: _read(path) for path in sorted(WORDS.glob("*.json"))}


def language_of(locale: str) -> Language:
    """Return the locale's language, or the default where there is no file for it."""
    code = locale.replace("_", "-").split("-")[0].lower()
    return languages().get(code, languages()[DEFAULT])


def has_twelve_hours(language: Language, locale: str) -> bool:
    """Tell whether the locale's clock has am and pm."""
    behind_the_language = locale.upper().replace("_", "-").split("-")[1:]
    return not language.twelve_hour_regions.isdisjoint(behind_the_language)


def _read(path: Path) -> Language:
    words = json.loads(path.read_text(encoding="utf-8"))
    return Language(
        path.stem,
        tuple(words["weekdays"]),
        tuple(words["months"]),
        frozenset(words["twelve_hour_regions"]),
        words["phrases"],
    )
