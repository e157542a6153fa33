"""Long headers come back letter by letter, however they are folded."""

from email import message_from_bytes
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.policy import default

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chassis.web.plain_text import header_text
from services.notifier.domain.letters import Contact
from services.notifier.rendering.message import Content, compose
from tests.letters import DTSTAMP

WORDS = st.lists(
    st.sampled_from(
        [
            "møde",
            "Ærø,",
            "a",
            "intro:",
            "København",
            "(x)",
            '"q"',
            "\\",
            "😀",
            "lang" * 12,
            "ø" * 40,
        ]
    ),
    min_size=1,
    max_size=20,
).map(" ".join)


def composed(subject: str, name: str) -> bytes:
    return compose(
        Content("da", subject, "text", "<p>text</p>", None, "PUBLISH"),
        message_id="<1@bookwith.example>",
        sender=Address("Bookwith", addr_spec="bookings@bookwith.example"),
        addressee=Contact(name, "vera@visitors.example"),
        reply_to=None,
        date=DTSTAMP,
    )


def read(mail: bytes, header: str) -> str:
    unfolded = message_from_bytes(mail)[header].replace("\r\n", "")
    return str(make_header(decode_header(unfolded)))


@settings(deadline=None)
@given(subject=WORDS, name=WORDS)
def test_a_subject_and_a_name_of_several_encoded_words_keep_their_blanks(
    subject: str, name: str
) -> None:
    mail = composed(subject, name)
    head = mail.partition(b"\r\n\r\n")[0].decode("ascii")
    to = message_from_bytes(mail, policy=default)["To"].addresses

    assert header_text(subject, 300) == read(mail, "Subject")
    assert header_text(subject, 300) == message_from_bytes(mail, policy=default)["Subject"]
    assert ["vera@visitors.example"] == [each.addr_spec for each in to]
    assert max(map(len, head.split("\r\n"))) <= 78
    encoded = read(mail, "To").removesuffix(" <vera@visitors.example>")
    plain = encoded.removeprefix('"').removesuffix('"').replace('\\"', '"').replace("\\\\", "\\")
    assert header_text(name, 80) in {encoded, plain}


@pytest.mark.parametrize("name", ["", "Vera", "Vera, visitor", "x" * 60 + " y"])
def test_a_name_of_plain_letters_is_not_encoded(name: str) -> None:
    assert b"=?" not in composed("Hello", name).partition(b"\r\n\r\n")[0] or len(name) > 40
