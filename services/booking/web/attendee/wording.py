"""Languages of the pages: the phrases of `words/<language>.json`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

WORDS = Path(__file__).parent / "words"
DEFAULT = "en"


@dataclass(frozen=True, slots=True)
class Language:
    """One language's words; a new language is a new file."""

    code: str
    name: str
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    phrases: Mapping[str, str]

    def say(self, key: str, **facts: Any) -> str:
        """Return the phrase with the facts in their places, as text."""
        return self.phrases[key].format_map(facts)

    def say_in_html(self, key: str, **facts: Any) -> Markup:
        """Return the phrase for HTML: facts escaped, each kept from turning its neighbours."""
        apart = {name: Markup("<bdi>{}</bdi>").format(fact) for name, fact in facts.items()}
        return escape(self.phrases[key]).format_map(apart)


@lru_cache
def languages() -> Mapping[str, Language]:
    """Return all languages by their code."""
    return {path.stem: _read(path) for path in sorted(WORDS.glob("*.json"))}


def _read(path: Path) -> Language:
    words = json.loads(path.read_text(encoding="utf-8"))
    return Language(
        path.stem,
        words["name"],
        tuple(words["weekdays"]),
        tuple(words["months"]),
        words["phrases"],
    )
