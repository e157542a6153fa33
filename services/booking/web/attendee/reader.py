"""Who reads a page: their language, and how their part of the world writes times and weeks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.booking.web.attendee.wording import DEFAULT, Language, languages

MONDAY, SATURDAY, SUNDAY = 0, 5, 6

# After CLDR: where the clock has am and pm, where the week begins on Sunday or Saturday.
# fmt: off
TWELVE_HOURS = frozenset((
    "AU", "BD", "CA", "CO", "EG", "IN", "JO", "KR", "MX", "MY", "NZ", "PH", "PK", "SA", "TW", "US",
))
SUNDAY_FIRST = frozenset((
    "BD", "BR", "CA", "CO", "DO", "ET", "GT", "HK", "HN", "ID", "IL", "IN", "JM", "JP", "KE", "KH",
    "KR", "LA", "MX", "NI", "NP", "PA", "PE", "PH", "PK", "PR", "PT", "PY", "SA", "SG", "SV", "TH",
    "TT", "TW", "US", "VE", "YE", "ZA", "ZW",
))
SATURDAY_FIRST = frozenset((
    "AE", "AF", "BH", "DJ", "DZ", "EG", "IQ", "IR", "JO", "KW", "LY", "OM", "QA", "SD", "SY",
))
# fmt: on
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


@dataclass(frozen=True, slots=True)
class Reader:
    """`asked` is the language that the address names; without one the browser's decides."""

    language: Language
    locale: str
    asked: str | None
    twelve_hours: bool
    week_start: int


def reader_of(asked: str | None, accept_language: str) -> Reader:
    """Return the reader whose address names a language, or whose browser prefers some."""
    preferred = list(_preferences(accept_language))
    named = _written(asked) if asked and _TAG.fullmatch(asked) else None
    if named and _code(named) not in languages():
        named = None
    candidates = [named, *preferred] if named else preferred
    locale = next((tag for tag in candidates if _code(tag) in languages()), DEFAULT)
    if "-" not in locale:  # the browser may say which kind of it
        locale = next((tag for tag in preferred if tag.startswith(f"{locale}-")), locale)
    regions = {part.upper() for part in locale.split("-")[1:]}
    return Reader(
        language=languages()[_code(locale)],
        locale=locale,
        asked=named,
        twelve_hours=bool(regions & TWELVE_HOURS),
        week_start=_week_start(regions),
    )


def _preferences(accept_language: str) -> Iterator[str]:
    weighed = []
    for index, entry in enumerate(accept_language[:500].split(",")):
        tag, _, weight = entry.strip().partition(";q=")
        if _TAG.fullmatch(tag):
            weighed.append((-_number(weight), index, _written(tag)))
    yield from (tag for negated, _, tag in sorted(weighed) if negated < 0)


def _number(weight: str) -> float:
    try:
        return min(float(weight or 1), 1)
    except ValueError:
        return 0


def _written(tag: str) -> str:
    language, *rest = tag.split("-")
    return "-".join([language.lower(), *rest])


def _code(tag: str) -> str:
    return tag.split("-", maxsplit=1)[0].lower()


def _week_start(regions: set[str]) -> int:
    if regions & SUNDAY_FIRST:
        return SUNDAY
    return SATURDAY if regions & SATURDAY_FIRST else MONDAY
