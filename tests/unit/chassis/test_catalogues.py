"""A new language is a file: all files say the same things, with the same facts."""

from pathlib import Path
from string import Formatter

import pytest

from services.booking.web import wording as pages
from services.chassis.web.catalogues import DEFAULT, SHARED_WORDS, catalogue
from services.notifier.rendering import wording as mails
from services.policy import explaining as administrators

FOLDERS = {
    "times": SHARED_WORDS,
    "pages": pages.WORDS,
    "administrators' pages": administrators.WORDS,
    "mails": mails.WORDS,
}


def places(phrase: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(phrase) if name}


@pytest.mark.parametrize("folder", FOLDERS.values(), ids=FOLDERS)
def test_every_language_has_every_phrase_with_the_same_facts(folder: Path) -> None:
    reference = {key: places(text) for key, text in catalogue(folder)[DEFAULT].phrases.items()}

    for language in catalogue(folder).values():
        facts = {key: places(phrase) for key, phrase in language.phrases.items()}
        assert facts == reference, language.code


def test_mails_pages_and_times_are_written_in_the_same_languages() -> None:
    codes = {frozenset(catalogue(folder)) for folder in FOLDERS.values()}

    assert len(codes) == 1
    assert {"da", "en"} <= codes.pop()


def test_what_somebody_typed_stays_text_and_turns_nothing_around() -> None:
    said = catalogue(pages.WORDS)["en"].say_in_html(
        "booking.mail", email="<script>\u202e@example.test"
    )

    assert said == ("A confirmation is on its way to <bdi>&lt;script&gt;\u202e@example.test</bdi>.")
