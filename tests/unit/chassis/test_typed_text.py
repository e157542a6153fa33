"""What somebody typed: nothing invisible at its ends, and nothing but invisible is nothing."""

import pytest

from services.chassis.text.mail_address import UnsendableAddress, is_mail_address, wire_form
from services.chassis.text.typed import is_blank, trimmed

# A blank of each kind, zero widths, marks of direction, fillers, the blank of Braille, variations.
UNSEEN = [
    *(" ", "\t", "\n", "\xa0", "\u2003", "\u202f", "\u3000", "\u2800"),
    *("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u034f", "\u180e"),
    *("\u061c", "\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069"),
    *("\u115f", "\u1160", "\u3164", "\uffa0", "\ufe0f", "\ufff9", "\U000e0041", "\U000e0100"),
]


@pytest.mark.parametrize("unseen", UNSEEN, ids=ascii)
def test_text_of_nothing_but_invisible_characters_is_blank(unseen: str) -> None:
    assert is_blank(unseen)
    assert is_blank(f" {unseen}\u200b{unseen}")
    assert not is_blank(f"{unseen}a{unseen}")


@pytest.mark.parametrize("unseen", UNSEEN, ids=ascii)
def test_what_cannot_be_seen_is_taken_from_the_beginning_of_a_text(unseen: str) -> None:
    assert "Vera" == trimmed(f"{unseen}{unseen}Vera")


@pytest.mark.parametrize("unseen", ["\ufeff", "\u200b", "\u2060"], ids=ascii)
def test_marks_that_nobody_types_are_taken_from_inside_too(unseen: str) -> None:
    assert "Vera" == trimmed(f"V{unseen}era{unseen}")


@pytest.mark.parametrize(
    "name",
    [
        "Anna-Lena O\u2019Neill",
        "\u2764\ufe0f",  # an emoji in its coloured form
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",  # a flag
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian, with its non-joiner
        "\u0d05\u0d35\u0d28\u0d4d\u200d",  # Malayalam, whose last letter ends in a joiner
        "\u0301",
    ],
    ids=ascii,
)
def test_marks_that_belong_to_letters_stay(name: str) -> None:
    assert name == trimmed(f" {name} \u200e")


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("max@stra\u00dfe.de", "max@xn--strae-oqa.de"),
        ("max@xn--strae-oqa.de", "max@xn--strae-oqa.de"),
        ("a@r\u00f8dgr\u00f8d.example", "a@xn--rdgrd-vuad.example"),
        ("Vera.V+x@EXAMPLE.org", "Vera.V+x@example.org"),
    ],
)
def test_an_address_that_is_accepted_is_sendable_by_idna_2008(typed: str, sent: str) -> None:
    assert is_mail_address(typed)
    assert sent == wire_form(typed)


def test_an_address_in_the_own_network_is_sendable_and_can_be_typed_only_with_its_domain() -> None:
    assert "no-reply@localhost" == wire_form("no-reply@localhost")
    assert not is_mail_address("no-reply@localhost")
    with pytest.raises(UnsendableAddress):
        wire_form("v\u00e6ra@example.org")
