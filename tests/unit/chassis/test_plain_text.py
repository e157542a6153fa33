"""Text that somebody typed, made harmless."""

import pytest

from services.chassis.text.mail_address import wire_form
from services.chassis.web.plain_text import header_text, one_line, paragraphs, unlinked, web_address
from tests.letters import HOSTILE


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_line_is_one_line_however_it_was_typed(text: str) -> None:
    line = one_line(text)

    assert [line] == (line.splitlines() or [""])
    assert line.strip() == line
    assert len(line) <= 200
    line.encode()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_header_text_holds_the_beginning_of_an_encoded_word(text: str) -> None:
    assert "=?" not in header_text(text)


def test_what_is_too_long_says_so() -> None:
    assert one_line("abcdefgh", 5) == "abcd…"
    assert one_line("abcde", 5) == "abcde"
    assert paragraphs("abcdefgh", 5) == "abcd…"


def test_paragraphs_keep_their_line_ends_and_nothing_that_steers() -> None:
    assert paragraphs("\n a\r\nb\n\n\n\n\nc\x00\u202ed ") == "a\nb\n\nc d"


def test_names_without_addresses_are_left_alone() -> None:
    assert unlinked("Jean-Luc O'Hara, Dr. Sø") == "Jean-Luc O'Hara, Dr. Sø"


@pytest.mark.parametrize(
    "text", ["https://evil.example/x", "evil.example", "www.evil.example", "evil。example"]
)
def test_no_address_is_left_for_a_mail_reader_to_link(text: str) -> None:
    assert text not in unlinked(f"see {text} now")
    assert text == unlinked(text).replace("\u200b", "")


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("https://meet.example/a?b=c#d", True),
        ("http://127.0.0.1:8080/m/bwm_x", True),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("https://[", False),
        ("https://a.example/\nx", False),
        ('https://a.example/"onclick=x', False),
        ("", False),
    ],
)
def test_only_web_addresses_are_linked_to(text: str, linked: bool) -> None:
    assert (text if linked else None) == web_address(text)


def test_an_address_keeps_its_local_part_and_gets_an_ascii_domain() -> None:
    assert wire_form("O'Brien+x@example.org") == "O'Brien+x@example.org"
    assert wire_form("a@rødgrød.example") == "a@xn--rdgrd-vuad.example"
