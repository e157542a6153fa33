"""The words of the mails: only facts that a mail has."""

from collections.abc import Iterable
from string import Formatter

import pytest

from services.chassis.web.catalogues import SHARED_WORDS, catalogue
from services.notifier.rendering.wording import languages

FACTS = {"addressee", "counterpart", "organizer", "title", "starts", "number", "deadline"}


@pytest.mark.parametrize("code", sorted(languages()))
def test_the_phrases_of_mails_use_facts_that_every_mail_has(code: str) -> None:
    shared = catalogue(SHARED_WORDS)[code].phrases
    own = {key: text for key, text in languages()[code].phrases.items() if key not in shared}
    about_data = {key for key in own if key.startswith(("your_data.", "prove_address."))}

    assert used_in(text for key, text in own.items() if key not in about_data) <= FACTS
    assert used_in(own[key] for key in about_data) <= {"until"}


def used_in(phrases: Iterable[str]) -> set[str]:
    return {name for text in phrases for _, name, _, _ in Formatter().parse(text) if name}
