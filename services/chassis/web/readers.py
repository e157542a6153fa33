"""Readers: the language of whoever reads a page or a mail, and how their region writes times."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.chassis.web.accept_language import Preference, most_wanted, preferences
from services.chassis.web.catalogues import DEFAULT, Catalogue, Language, language_code
from services.chassis.web.regions import region_of, week_start
from services.chassis.web.time_formats import TimeFormats, time_formats

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,5}")


@dataclass(frozen=True, slots=True)
class Reader:
    """`asked` is the language that the address of a page names; a mail has none."""

    language: Language
    locale: str
    asked: str | None
    formats: TimeFormats
    week_start: int


def reader_by_locale(languages: Catalogue, locale: str, asked: str | None = None) -> Reader:
    """Return the reader with this locale; a language without a file is read in the default one."""
    language = languages.get(language_code(locale), languages[DEFAULT])
    return Reader(
        language=language,
        locale=locale,
        asked=asked,
        formats=time_formats(language.code, locale),
        week_start=week_start(locale),
    )


def reader_by_request(languages: Catalogue, asked: str | None, accept_language: str) -> Reader:
    """Return the reader whose address names a language, or whose browser prefers some.

    Their locale is one of our languages and the region that their browser names first, so that
    their mails, which know nothing but the locale, are written as their pages are.
    """
    preferred = preferences(accept_language)
    named = _normal(asked) if asked and _TAG.fullmatch(asked) else None
    if named and language_code(named) in languages:
        language = language_code(named)
        region = region_of(named) or _region(preferred, language)
    else:
        named = None
        language = most_wanted(
            preferred, [DEFAULT, *(each for each in languages if each != DEFAULT)]
        )
        first = next((each.language for each in preferred if each.tag != "*"), language)
        region = _region(preferred, first) or _region(preferred, language)
    return reader_by_locale(languages, f"{language}-{region}" if region else language, named)


def _region(preferred: Sequence[Preference], language: str) -> str:
    """Return the region of the most wanted tag of the language that has one."""
    wanted = (each.tag for each in preferred if each.weight > 0 and each.language == language)
    return next((region for tag in wanted if (region := region_of(tag))), "")


def _normal(tag: str) -> str:
    language, *rest = tag.split("-")
    return "-".join([language.lower(), *rest])
