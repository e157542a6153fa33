"""Readers: the language of whoever reads a page or a mail, and how their region writes times."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.chassis.web.catalogues import DEFAULT, Catalogue, Language, language_code
from services.chassis.web.regions import has_twelve_hours, week_start

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


@dataclass(frozen=True, slots=True)
class Reader:
    """`asked` is the language that the address of a page names; a mail has none."""

    language: Language
    locale: str
    asked: str | None
    twelve_hours: bool
    week_start: int


def reader_by_locale(languages: Catalogue, locale: str, asked: str | None = None) -> Reader:
    """Return the reader with this locale; a language without a file is read in the default one."""
    return Reader(
        language=languages.get(language_code(locale), languages[DEFAULT]),
        locale=locale,
        asked=asked,
        twelve_hours=has_twelve_hours(locale),
        week_start=week_start(locale),
    )


def reader_by_request(languages: Catalogue, asked: str | None, accept_language: str) -> Reader:
    """Return the reader whose address names a language, or whose browser prefers some."""
    preferred = list(_preferences(accept_language))
    named = _normal(asked) if asked and _TAG.fullmatch(asked) else None
    if named and language_code(named) not in languages:
        named = None
    candidates = [named, *preferred] if named else preferred
    locale = next((tag for tag in candidates if language_code(tag) in languages), DEFAULT)
    if "-" not in locale:  # the browser may say which kind of it
        locale = next((tag for tag in preferred if tag.startswith(f"{locale}-")), locale)
    return reader_by_locale(languages, locale, named)


def _preferences(accept_language: str) -> Iterator[str]:
    """Yield the tags of an Accept-Language header, the most wanted first."""
    weighed = []
    for index, entry in enumerate(accept_language[:500].split(",")):
        tag, _, weight = entry.strip().partition(";q=")
        if _TAG.fullmatch(tag):
            weighed.append((-_number(weight), index, _normal(tag)))
    yield from (tag for negated, _, tag in sorted(weighed) if negated < 0)


def _number(weight: str) -> float:
    try:
        return min(float(weight or 1), 1)
    except ValueError:
        return 0


def _normal(tag: str) -> str:
    language, *rest = tag.split("-")
    return "-".join([language.lower(), *rest])
