"""The words of the pages: whole in every language, and safe around what people typed."""

import re
from pathlib import Path

import pytest

from services.booking.web.attendee import rendering as pages
from services.booking.web.attendee.wording import languages

BRACES = re.compile(r"{(\w+)}")
SAID = re.compile(r"""(?:say|text)\(\s*'([\w.-]+)'\s*(?:,|\)| if)""")
TEMPLATES = Path(pages.__file__).parent / "templates"


def test_every_language_has_every_phrase_with_the_same_facts() -> None:
    english = languages()["en"].phrases
    facts = {key: set(BRACES.findall(phrase)) for key, phrase in english.items()}

    for language in languages().values():
        told = {key: set(BRACES.findall(phrase)) for key, phrase in language.phrases.items()}
        assert told == facts, language.code
        assert (len(language.weekdays), len(language.months)) == (7, 12)


@pytest.mark.parametrize("template", sorted(TEMPLATES.iterdir()), ids=lambda path: path.name)
def test_a_template_says_only_phrases_that_exist(template: Path) -> None:
    said = set(SAID.findall(template.read_text(encoding="utf-8")))

    assert not said - set(languages()["en"].phrases)


def test_what_somebody_typed_stays_text_and_turns_nothing_around() -> None:
    said = languages()["en"].say_in_html("booking.mail", email="<script>\u202e@example.test")

    assert said == ("A confirmation is on its way to <bdi>&lt;script&gt;\u202e@example.test</bdi>.")


def test_an_asset_has_a_new_address_when_its_content_is_new() -> None:
    for name in ("bookwith.css", "bookwith.js", "icon.svg"):
        found = pages.asset(name)
        assert found is not None
        assert pages.asset_address(name) == f"/assets/{found.digest}/{name}"
    assert pages.asset("../templates/base.html") is None
