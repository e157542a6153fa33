"""A meeting type's part of the web address, made from its title."""

import itertools
import re
import unicodedata
from collections.abc import Collection

LONGEST_SLUG = 64
_SPELLED_OUT = {ord("æ"): "ae", ord("ø"): "oe", ord("å"): "aa", ord("ß"): "ss"}


def default_slug(title: str) -> str:
    """Return a readable slug for the title; `meeting` when nothing of it can be spelled."""
    plain = (
        unicodedata.normalize("NFKD", title.lower().translate(_SPELLED_OUT))
        .encode("ascii", "ignore")
        .decode()
    )
    slug = "-".join(re.findall("[a-z0-9]+", plain))[:LONGEST_SLUG].strip("-")
    return slug if len(slug) >= 2 else "meeting"


def free_slug(title: str, taken: Collection[str]) -> str:
    """Return a slug for the title that is not taken, with a number if it has to be."""
    slug = default_slug(title)
    numbered = (f"{slug[: LONGEST_SLUG - 5].rstrip('-')}-{n}" for n in itertools.count(2))
    return next(each for each in itertools.chain([slug], numbered) if each not in taken)
