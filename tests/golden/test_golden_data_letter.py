"""The mail with the link to what is held, complete; `BOOKWITH_WRITE_GOLDEN=1` writes it anew."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.notifier.domain.delivery import Delivery
from services.notifier.domain.letters import DataLetter
from services.notifier.rendering.data_letter import render_data_letter
from tests.letters import BOOKING, DTSTAMP, SENDER

HERE = Path(__file__).parent / "data_letter"
TEMPLATES = Path(__file__).parents[2] / "services" / "notifier" / "templates"
LETTERS = ("en", "da")


@pytest.mark.parametrize("name", LETTERS)
def test_the_letter_about_held_data_is_what_it_was(name: str) -> None:
    letter = DataLetter(
        delivery=Delivery(BOOKING, 0, "attendee", "your_data"),
        address="vera@visitors.example",
        locale=name,
        time_zone="Europe/Copenhagen",
        url="https://bookwith.example/me/bwd_" + "A" * 68,
        expires_at=datetime(2031, 3, 4, 10, 0, tzinfo=UTC),
    )
    written = render_data_letter(letter, SENDER, DTSTAMP)
    file = HERE / f"{name}.eml"
    if os.environ.get("BOOKWITH_WRITE_GOLDEN"):
        file.write_bytes(written)

    assert file.read_bytes() == written, f"{file.name} differs; see this module's first lines"


def test_no_golden_data_letter_is_left_over() -> None:
    assert set(LETTERS) == {file.stem for file in HERE.iterdir()}


def test_one_template_has_the_outer_frame_of_all_letters() -> None:
    templates = TEMPLATES.rglob("*.html")
    whole = [file.name for file in templates if "<!doctype" in file.read_text()]

    assert ["outer.html"] == whole
