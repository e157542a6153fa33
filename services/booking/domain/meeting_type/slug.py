"""A meeting type's part of the web address, made from its title."""

import re
import unicodedata

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
