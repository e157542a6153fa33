"""What fits a line, a paragraph, an address, and what is said about what does not fit."""

from collections.abc import Iterable

import pytest

from services.booking.domain.refusals import Fault
from services.booking.domain.text import (
    address_part_faults,
    email_faults,
    line_faults,
    locale_faults,
    paragraph_faults,
)

# Control characters, separators of lines, direction overrides, lone surrogates: the first and the
# last of each range.
HARMFUL = [
    *("\x00", "\x08", "\x0b", "\x0c", "\r", "\x1f", "\x7f", "\x80", "\x9f"),
    *("\u2028", "\u2029", "\u202a", "\u202e", "\u2066", "\u2069", "\ud800", "\udfff"),
]
HARMLESS = [
    " ",
    "~",
    "\xa0",
    "\u2027",
    "\u202f",
    "\u2065",
    "\u206a",
    "\ud7ff",
    "\ue000",
    "\U0001f600",
]

NO_CONTROLS_IN_LINE = Fault("/name", "Must be one line without control characters.")
NO_CONTROLS_IN_PARAGRAPH = Fault("/words", "Must not contain control characters.")
NO_HANDLE = Fault(
    "/handle", "Must be 2 to 64 lower-case letters a-z, digits and single hyphens between them."
)
NO_EMAIL = Fault("/email", "Must be a mail address such as name@example.org.")
NO_LOCALE = Fault("/locale", "Must be a language tag such as en or da-DK.")


def faults(found: Iterable[Fault]) -> list[Fault]:
    return list(found)


# A line


def test_a_line_may_be_as_long_as_its_limit_and_no_longer() -> None:
    assert [] == faults(line_faults("/name", "abc", 3))
    assert [Fault("/name", "Must have at most 3 characters.")] == faults(
        line_faults("/name", "abcd", 3)
    )


@pytest.mark.parametrize("blank", ["", " ", "\u00a0 "])
def test_a_line_that_is_needed_is_not_blank(blank: str) -> None:
    assert [Fault("/name", "Must not be empty.")] == faults(line_faults("/name", blank, 3))
    assert [] == faults(line_faults("/name", blank, 3, needed=False))


@pytest.mark.parametrize("character", [*HARMFUL, "\t", "\n"], ids=ascii)
def test_a_line_has_no_tab_no_second_line_and_no_harmful_character(character: str) -> None:
    assert [NO_CONTROLS_IN_LINE] == faults(line_faults("/name", f"a{character}b", 3))


@pytest.mark.parametrize("character", HARMLESS, ids=ascii)
def test_a_line_has_any_other_character(character: str) -> None:
    assert [] == faults(line_faults("/name", f"a{character}b", 3))


def test_all_faults_of_a_line_are_named() -> None:
    assert ["Must have at most 1 characters.", NO_CONTROLS_IN_LINE.detail] == [
        fault.detail for fault in line_faults("/name", "a\x00", 1)
    ]


# A paragraph


def test_a_paragraph_may_be_as_long_as_its_limit_and_no_longer() -> None:
    assert [] == faults(paragraph_faults("/words", "a\nc", 3))
    assert [Fault("/words", "Must have at most 3 characters.")] == faults(
        paragraph_faults("/words", "a\ncd", 3)
    )


@pytest.mark.parametrize("text", ["", "first\nsecond", "\tindented"])
def test_a_paragraph_may_be_empty_have_lines_and_tabs(text: str) -> None:
    assert [] == faults(paragraph_faults("/words", text, 100))


@pytest.mark.parametrize("character", HARMFUL, ids=ascii)
def test_a_paragraph_has_no_harmful_character(character: str) -> None:
    assert [NO_CONTROLS_IN_PARAGRAPH] == faults(paragraph_faults("/words", f"a{character}b", 3))


# A part of an address


@pytest.mark.parametrize("text", ["ab", "a1", "09", "a-b", "a-b-c", "z" * 64])
def test_a_part_of_an_address_has_2_to_64_letters_digits_and_single_hyphens(text: str) -> None:
    assert [] == faults(address_part_faults("/handle", text))


@pytest.mark.parametrize(
    "text", ["", "a", "z" * 65, "-a", "a-", "a--b", "aB", "a_b", "a b", "æb", "ab\n", "٣٤"]
)
def test_any_other_part_of_an_address_is_refused(text: str) -> None:
    assert [NO_HANDLE] == faults(address_part_faults("/handle", text))


def test_a_reserved_part_of_an_address_is_refused_by_name() -> None:
    reserved = frozenset({"admin"})

    assert [Fault("/handle", "'admin' is reserved; choose another one.")] == faults(
        address_part_faults("/handle", "admin", reserved)
    )
    assert [] == faults(address_part_faults("/handle", "admin"))
    assert [] == faults(address_part_faults("/handle", "admins", reserved))


# A mail address


@pytest.mark.parametrize(
    "email",
    [
        "a@b.c",
        "first.last@sub.example.org",
        "!#$%&'*+/?=^_`{|}~-@example.org",
        "a@xn--bcher-kva.example",
        "a@bücher.example",
        "A.B@EXAMPLE.org",
        "a@1-2.example",
        "a" * 64 + "@example.org",
        "max@stra\u00dfe.de",
        "max@xn--strae-oqa.de",
        "a@host.local",
    ],
)
def test_a_mail_address_that_every_server_takes_is_accepted(email: str) -> None:
    assert [] == faults(email_faults("/email", email))


@pytest.mark.parametrize(
    "email",
    [
        "",
        "a",
        "@example.org",
        "a@",
        "a@example",
        "a@.example",
        "a@example.",
        "a@-b.example",
        "a@b-.example",
        "a@b..example",
        ".a@example.org",
        "a.@example.org",
        "a..b@example.org",
        "a b@example.org",
        "a@b@example.org",
        "a@exa mple.org",
        '"a"@example.org',
        "æ@example.org",
        "a=?b@example.org",
        "a@example.org\n",
        "a@ex\u200bample.org",
        "a@\uff45xample.org",
        "a@xn--\u00e9.example",
        "a" * 65 + "@example.org",
        "a@1.2.3.4",
        "a@[1.2.3.4]",
        "a@" + "b." * 125 + "org",
        "a@" + "b" * 64 + ".example",
    ],
)
def test_any_other_mail_address_is_refused(email: str) -> None:
    assert [NO_EMAIL] == faults(email_faults("/email", email))


# A language tag


@pytest.mark.parametrize(
    "tag",
    ["en", "gsw", "da-DK", "zh-Hant-TW", "de-1996", "en-" + "-".join(["abcdefgh"] * 3) + "-abcd"],
)
def test_a_language_tag_is_a_language_with_subtags(tag: str) -> None:
    assert [] == faults(locale_faults("/locale", tag))


@pytest.mark.parametrize(
    "tag",
    [
        "",
        "e",
        "engl",
        "EN",
        "en-",
        "en-a",
        "en_US",
        "en-abcdefghi",
        "en\n",
        "-en",
        "en-" + "-".join(["abcdefgh"] * 3) + "-abcdef",
    ],
)
def test_any_other_language_tag_is_refused(tag: str) -> None:
    assert [NO_LOCALE] == faults(locale_faults("/locale", tag))


def test_a_language_tag_has_at_most_35_characters() -> None:
    longest = "en" + "-abcdefgh" * 3 + "-abcde"

    assert len(longest) == 35
    assert [] == faults(locale_faults("/locale", longest))
    assert [NO_LOCALE] == faults(locale_faults("/locale", f"{longest}f"))
