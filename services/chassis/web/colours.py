"""The colours of the pages for what cannot load their style sheet: mails.

They stand once, as tokens at the head of the style sheet; an organization's colour replaces the
accents, as it does on the pages.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from services.chassis.web.assets import FOLDER
from services.chassis.web.brand import Brand, accents_of

STYLE_SHEET = FOLDER / "bookwith.css"
# The tokens: in light those of the first :root, in dark those that stand under the media query.
_ROOT = re.compile(r"^:root \{(.*?)^\}", re.DOTALL | re.MULTILINE)
_DARK = re.compile(
    r"^@media \(prefers-color-scheme: dark\) \{\s*:root \{(.*?)^  \}", re.DOTALL | re.MULTILINE
)
_COLOUR = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")

Colours = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Schemes:
    """The colours by the names of their tokens: `--accent` of the style sheet is `accent`."""

    light: Colours
    dark: Colours


@lru_cache
def colours_of(brand: Brand) -> Schemes:
    """Return the colours that the pages have with the brand."""
    css = STYLE_SHEET.read_text(encoding="utf-8")
    light, dark = _tokens(_ROOT, css), _tokens(_DARK, css)
    own_light, own_dark = accents_of(brand.colour) if brand.colour else ({}, {})
    return Schemes({**light, **own_light}, {**light, **dark, **own_dark})


def _tokens(block: re.Pattern[str], css: str) -> dict[str, str]:
    found = block.search(css)
    if found is None:
        raise ValueError(f"{STYLE_SHEET.name} has no such block: {block.pattern}")
    return dict(_COLOUR.findall(found[1]))
