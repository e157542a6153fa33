"""An organization's own colour, logo and name on the pages, checked when a service starts.

The colour is the accent: buttons, links, chosen days. What is derived from it, and its counterpart
for dark pages, has the contrast of WCAG 2.2 AA by construction; the colour itself must have it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

WHITE, BLACK = (255, 255, 255), (0, 0, 0)
DARK_PANEL, DARK_INK = (27, 30, 40), (16, 20, 43)
ENOUGH, MORE = 4.5, 7.0
LARGEST_LOGO = 100_000
LOGOS = (".svg", ".png", ".webp")
_HEX = re.compile(r"#[0-9a-fA-F]{6}")

Rgb = tuple[int, int, int]


class WrongBrand(ValueError):
    """A colour or a logo that pages cannot have; the message says what it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """What an organization's pages look like; without a colour they have our own."""

    name: str = ""
    colour: str = ""
    logo: Path | None = None


def check_colour(colour: str) -> str:
    """Return the colour; raise WrongBrand if text in it could not be read."""
    if not _HEX.fullmatch(colour):
        raise WrongBrand("must be a colour such as #2f4bc7")
    found = contrast(_rgb(colour), WHITE)
    if found < ENOUGH:
        raise WrongBrand(
            f"has a contrast of {found:.1f} with white; buttons and links need {ENOUGH}: "
            "take a darker colour"
        )
    return colour


def check_logo(path: Path) -> Path:
    """Return the path; raise WrongBrand if there is no picture that pages can show."""
    if path.suffix not in LOGOS:
        raise WrongBrand(f"must be a file that ends in {', '.join(LOGOS)}")
    if not path.is_file():
        raise WrongBrand("must be a file that is there")
    if path.stat().st_size > LARGEST_LOGO:
        raise WrongBrand(f"must have at most {LARGEST_LOGO} bytes: every visitor loads it")
    return path


def style_of(colour: str) -> str:
    """Return the tokens of the style sheet that the colour replaces."""
    light, dark = (_declared(each) for each in accents_of(colour))
    return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def accents_of(colour: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return the tokens that the colour replaces, in light and in dark, by name."""
    accent = _rgb(colour)
    soft = _mix(accent, WHITE, 0.9)
    text = _until(accent, BLACK, soft, ENOUGH)
    light = _tokens(accent, WHITE, _mix(accent, BLACK, 0.22), soft, text)
    bright = _until(accent, WHITE, DARK_PANEL, MORE)
    deep = _mix(accent, DARK_PANEL, 0.72)
    on_deep = _until(bright, WHITE, deep, ENOUGH)
    return light, _tokens(bright, DARK_INK, _mix(bright, WHITE, 0.3), deep, on_deep)


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast of two colours, 1 to 21, as WCAG defines it."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _tokens(accent: Rgb, ink: Rgb, hover: Rgb, soft: Rgb, text: Rgb) -> Mapping[str, str]:
    named = {"": accent, "-ink": ink, "-hover": hover, "-soft": soft, "-text": text}
    return {f"accent{name}": _written(value) for name, value in named.items()}


def _declared(tokens: Mapping[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in tokens.items())


def _until(colour: Rgb, towards: Rgb, ground: Rgb, wanted: float) -> Rgb:
    """Return the colour, as far towards the other as it must go to be read on the ground."""
    steps = (_mix(colour, towards, step / 20) for step in range(21))
    return next((each for each in steps if contrast(each, ground) >= wanted), towards)


def _mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _luminance(colour: Rgb) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _written(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
