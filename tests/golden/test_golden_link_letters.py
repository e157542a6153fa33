"""The mails with a link for their reader alone; `BOOKWITH_WRITE_GOLDEN=1` writes them anew."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.notifier.domain.delivery import LINK_KINDS, Delivery, Kind
from services.notifier.domain.letters import LinkLetter
from services.notifier.rendering.link_letter import render_link_letter
from tests.letters import BOOKING, DTSTAMP, SENDER

HERE = Path(__file__).parent / "link_letters"
TEMPLATES = Path(__file__).parents[2] / "services" / "notifier" / "templates"
URLS: dict[Kind, str] = {
    "your_data": "https://bookwith.example/me/bwd_" + "A" * 68,
    "prove_address": "https://bookwith.example/organizer/page/email/bwe_" + "A" * 68,
}
LETTERS = [(kind, locale) for kind in URLS for locale in ("en", "da")]


@pytest.mark.parametrize(("kind", "locale"), LETTERS)
def test_the_letter_with_a_link_is_what_it_was(kind: Kind, locale: str) -> None:
    letter = LinkLetter(
        delivery=Delivery(BOOKING, 0, "attendee", kind),
        address="vera@visitors.example",
        locale=locale,
        time_zone="Europe/Copenhagen",
        url=URLS[kind],
        expires_at=datetime(2031, 3, 4, 10, 0, tzinfo=UTC),
    )
    written = render_link_letter(letter, SENDER, DTSTAMP)
    file = HERE / f"{kind}-{locale}.eml"
    if os.environ.get("BOOKWITH_WRITE_GOLDEN"):
        file.write_bytes(written)

    assert file.read_bytes() == written, f"{file.name} differs; see this module's first lines"


def test_no_golden_letter_with_a_link_is_left_over() -> None:
    written = {f"{kind}-{locale}" for kind, locale in LETTERS}

    assert written == {file.stem for file in HERE.iterdir()}


def test_one_template_has_the_outer_frame_of_all_letters() -> None:
    templates = TEMPLATES.rglob("*.html")
    whole = [file.name for file in templates if "<!doctype" in file.read_text()]

    assert ["outer.html"] == whole


def test_each_kind_of_letter_with_a_link_has_a_golden_one() -> None:
    assert LINK_KINDS == set(URLS)
