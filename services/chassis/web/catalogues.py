"""Catalogues: the phrases of a service in each language, with the shared words for times.

A language is a JSON file: `words/<language>.json` beside this module for what all services say
about times, and one in each service's own folder for what only that service says.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

SHARED_WORDS = Path(__file__).parent / "words"
DEFAULT = "en"


@dataclass(frozen=True, slots=True)
class Language:
    """One language's words; a new language is a new file."""

    code: str
    name: str
    phrases: Mapping[str, str]

    def say(self, key: str, /, **facts: Any) -> str:
        """Return the phrase with the facts in their places, as text."""
        return self.phrases[key].format_map(facts)

    def say_in_html(self, key: str, /, **facts: Any) -> Markup:
        """Return the phrase for HTML: facts escaped, each kept from turning its neighbours."""
        isolated = {name: Markup("<bdi>{}</bdi>").format(fact) for name, fact in facts.items()}
        return escape(self.phrases[key]).format_map(isolated)


Catalogue = Mapping[str, Language]
"""The languages of one service by their code."""


@lru_cache
def catalogue(folder: Path) -> Catalogue:
    """Return the languages whose phrases the folder holds; the files are read once."""
    return {path.stem: _read(path) for path in sorted(folder.glob("*.json"))}


@lru_cache
def supported_languages() -> tuple[str, ...]:
    """Return the codes of the languages that pages and mails are written in."""
    return tuple(sorted(path.stem for path in SHARED_WORDS.glob("*.json")))


def language_code(locale: str) -> str:
    """Return the language that a locale such as `en-GB` or `en_GB` begins with."""
    return locale.replace("_", "-").split("-", maxsplit=1)[0].lower()


def _read(path: Path) -> Language:
    shared = json.loads((SHARED_WORDS / path.name).read_text(encoding="utf-8"))
    own = json.loads(path.read_text(encoding="utf-8"))
    return Language(
        code=path.stem,
        name=shared["name"],
        phrases=shared["phrases"] | own["phrases"],
    )
