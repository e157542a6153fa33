"""A new language is a file: all files say the same things."""

from string import Formatter

import pytest

from services.notifier.rendering.wording import DEFAULT, language_of, languages


def places(phrase: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(phrase) if name}


@pytest.mark.parametrize("code", sorted(languages()))
def test_each_language_has_every_phrase_with_known_facts_only(code: str) -> None:
    reference, language = languages()[DEFAULT], languages()[code]

    assert set(reference.phrases) == set(language.phrases)
    assert (len(language.weekdays), len(language.months)) == (7, 12)
    clock = {"weekday", "day", "month", "year", "hour", "hour_12", "minute", "half", "date"}
    clock |= {"clock", "start", "end", "end_date"}
    letters = {"addressee", "counterpart", "organizer", "title", "starts", "number"}
    for key, phrase in language.phrases.items():
        assert places(phrase) <= (clock if key.startswith("time.") else letters), key
        if not key.startswith("time."):
            assert places(reference.phrases[key]) == places(phrase), key


def test_danish_and_english_are_there() -> None:
    assert {"da", "en"} <= set(languages())


@pytest.mark.parametrize(
    ("locale", "code"),
    [
        ("da", "da"),
        ("DA_dk", "da"),
        ("en-US", "en"),
        ("fr", "en"),
        ("", "en"),
        ("../en", "en"),
        ("d" * 9000, "en"),
    ],
)
def test_a_locale_finds_its_language_or_english(locale: str, code: str) -> None:
    assert code == language_of(locale).code
