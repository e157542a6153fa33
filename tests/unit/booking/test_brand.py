"""An organization's colour, logo and name on the pages."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.booking.web.attendee.home import HomePage
from services.booking.web.rendering import render
from services.booking.web.wording import reader_of
from services.chassis.web import assets
from services.chassis.web.brand import (
    DARK_PANEL,
    WHITE,
    Brand,
    WrongBrand,
    check_colour,
    check_logo,
    contrast,
    style_of,
)

COLOURS = ["#2f4bc7", "#006633", "#8a1538", "#000000", "#5a5a00", "#767676", "#b00020"]


@pytest.fixture(autouse=True)
def _own_look() -> Iterator[None]:
    before = assets.brand()
    yield
    assets.use_brand(before)


def tokens(css: str) -> dict[str, tuple[int, int, int]]:
    found = re.findall(r"--accent(\S*?):#(..)(..)(..);", css)
    return {name: (int(r, 16), int(g, 16), int(b, 16)) for name, r, g, b in found}


@pytest.mark.parametrize("colour", COLOURS)
def test_what_is_derived_from_a_colour_can_be_read_in_light_and_dark(colour: str) -> None:
    light, dark = map(tokens, style_of(colour).split("@media"))

    for look, panel in ((light, WHITE), (dark, DARK_PANEL)):
        assert contrast(look[""], look["-ink"]) >= 4.5
        assert contrast(look["-hover"], look["-ink"]) >= 4.5
        assert contrast(look["-text"], look["-soft"]) >= 4.5
        assert contrast(look["-text"], panel) >= 4.5
        assert contrast(look[""], panel) >= 3


@pytest.mark.parametrize("colour", ["#ffcc00", "#7f7fff", "red", "#12345", ""])
def test_a_colour_on_which_white_cannot_be_read_is_refused(colour: str) -> None:
    with pytest.raises(WrongBrand):
        check_colour(colour)


def test_a_logo_that_cannot_be_shown_is_refused(tmp_path: Path) -> None:
    (tmp_path / "large.png").write_bytes(b"x" * 100_001)
    for name in ("large.png", "not-there.svg", "logo.exe"):
        with pytest.raises(WrongBrand):
            check_logo(tmp_path / name)


def test_pages_have_the_organizations_name_colour_and_logo(tmp_path: Path) -> None:
    logo = tmp_path / "ours.svg"
    logo.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    plain = assets.asset_address("bookwith.css")

    assets.use_brand(Brand(name="Bridges <Inc>", colour="#006633", logo=logo))
    shown = render(HomePage(action="/with"), reader_of("en", ""), [])

    assert f'<img class="logo" src="{assets.logo_address()}" alt="Bridges &lt;Inc&gt;">' in shown
    assert "| Bridges &lt;Inc&gt;</title>" in shown
    assert b"--accent:#006633" in assets.assets()["bookwith.css"].content
    assert assets.asset_address("bookwith.css") in shown
    assert assets.asset_address("bookwith.css") != plain
    assert assets.assets()["logo.svg"].content == logo.read_bytes()
