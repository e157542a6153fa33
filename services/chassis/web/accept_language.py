"""The header Accept-Language, read by its grammar (RFC 9110, 12.5.4)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.chassis.web.accepted import accepted
from services.chassis.web.catalogues import language_code

_TAG = re.compile(r"\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True)
class Preference:
    """A tag, or `*` for every language that is not named, and how much it is wanted: 0 to 1."""

    tag: str
    weight: float

    @property
    def language(self) -> str:
        """Return the language that the tag begins with."""
        return language_code(self.tag)


def preferences(header: str) -> list[Preference]:
    """Return what the header asks for, the most wanted first; what breaks the grammar is left out.

    A weight of 0 says that the language is not wanted.
    """
    return sorted(_entries(header), key=lambda each: -each.weight)


def most_wanted(asked: Sequence[Preference], offered: Sequence[str]) -> str:
    """Return the offered language that is wanted most; of those wanted alike, the first offered.

    Somebody who wants none of them gets the first one that they do not refuse.
    """
    weights = {each: _weight(asked, each) for each in offered}
    named = [each.language for each in asked if each.weight > 0 and each.language in weights]
    best = max(weight or 0 for weight in weights.values())
    if best > 0:
        equal = [each for each in offered if weights[each] == best]
        return next((each for each in named if each in equal), equal[0])
    return next((each for each in offered if weights[each] is None), offered[0])


def _weight(asked: Sequence[Preference], language: str) -> float | None:
    """Return how much the language is wanted; None if the header says nothing about it."""
    own = [each.weight for each in asked if each.language == language]
    others = [each.weight for each in asked if each.tag == "*"]
    return max(own or others, default=None)


def _entries(header: str) -> Iterator[Preference]:
    for entry in accepted(header):
        if _TAG.fullmatch(entry.name) and not entry.parameters:
            yield Preference(entry.name, entry.weight)
