"""The mail as it goes onto the wire: headers that nobody can break out of, parts in their order.

Written part by part: the email package's objects cost more than all the rest of a letter. Headers
with what somebody typed are encoded by it.
"""

import re
from base64 import encodebytes
from binascii import b2a_qp
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256
from textwrap import wrap

from services.calendar_entry.entry import Method
from services.chassis.text.mail_address import wire_form
from services.chassis.web.plain_text import header_text
from services.notifier.domain.letters import Contact
from services.notifier.rendering.look import Logo

LONGEST_HEADER = 78
LONGEST_LINE = 76  # of a header with encoded words (RFC 2047)
# A name that stands in a header as it is (RFC 5322: atoms with single blanks between them).
_PLAIN = re.compile("[A-Za-z0-9]+(?: [A-Za-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Content:
    """What a mail says, in each of the forms that it carries."""

    language: str
    subject: str
    text: str
    html: str
    calendar: bytes | None
    method: Method
    logo: Logo | None = None


def compose(
    content: Content,
    *,
    message_id: str,
    sender: Address,
    addressee: Contact,
    reply_to: Contact | None,
    date: datetime,
) -> bytes:
    """Return the mail; the same input gives the same bytes, for ever."""
    mixed, alternative = _boundary("mixed", message_id), _boundary("alternative", message_id)
    calendar = encodebytes(content.calendar or b"").replace(b"\n", b"\r\n")
    entry: tuple[bytes, ...] = ()
    attached: tuple[bytes, ...] = ()
    if content.calendar is not None:
        entry = (_calendar_head(alternative, content.method), calendar, b"\r\n")
        attached = (_attachment_head(mixed), calendar, b"\r\n")
    # The richest comes last: a mail program shows the last one that it can. The attachment is not
    # text/calendar once more: some programs would show two invitations.
    return b"".join(
        (
            _party("From", sender.display_name, sender.addr_spec),
            _party("To", addressee.name, addressee.email),
            _party("Reply-To", reply_to.name, reply_to.email) if reply_to else b"",
            _subject(header_text(content.subject, 300)),
            _other_headers(content.language, message_id, date, mixed),
            f"--{mixed}\r\n"
            f'Content-Type: multipart/alternative; boundary="{alternative}"\r\n'
            "\r\n".encode("ascii"),
            _text_part(alternative, "plain", content.text),
            _html_part(alternative, content, message_id),
            *entry,
            f"--{alternative}--\r\n\r\n".encode("ascii"),
            *attached,
            f"--{mixed}--\r\n".encode("ascii"),
        )
    )


def _html_part(boundary: str, content: Content, message_id: str) -> bytes:
    """Return the HTML, together with the picture that it shows if there is one (RFC 2387)."""
    if content.logo is None:
        return _text_part(boundary, "html", content.html)
    related = _boundary("related", message_id)
    head = (
        f"--{boundary}\r\n"
        f'Content-Type: multipart/related; type="text/html"; boundary="{related}"\r\n'
        "\r\n"
    )
    picture = (
        f"--{related}\r\n"
        "Content-Type: image/png\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        "Content-Disposition: inline\r\n"
        f"Content-ID: <{content.logo.content_id}>\r\n"
        "\r\n"
    )
    return b"".join(
        (
            head.encode("ascii"),
            _text_part(related, "html", content.html),
            picture.encode("ascii"),
            encodebytes(content.logo.content).replace(b"\n", b"\r\n"),
            f"--{related}--\r\n".encode("ascii"),
        )
    )


def _calendar_head(boundary: str, method: Method) -> bytes:
    return (
        f"--{boundary}\r\n"
        f"Content-Type: text/calendar; method={method}; charset=UTF-8\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        "\r\n".encode("ascii")
    )


def _attachment_head(boundary: str) -> bytes:
    return (
        f"--{boundary}\r\n"
        'Content-Type: application/ics; name="invite.ics"\r\n'
        "Content-Transfer-Encoding: base64\r\n"
        'Content-Disposition: attachment; filename="invite.ics"\r\n'
        "\r\n".encode("ascii")
    )


def _other_headers(language: str, message_id: str, date: datetime, boundary: str) -> bytes:
    return (
        f"Date: {format_datetime(date)}\r\n"
        f"Message-ID: {message_id}\r\n"
        "Auto-Submitted: auto-generated\r\n"
        "MIME-Version: 1.0\r\n"
        f'Content-Type: multipart/mixed; boundary="{boundary}"\r\n'
        f"Content-Language: {language}\r\n"
        "\r\n"
    ).encode("ascii")


# Few: organizers come back, and a person's address is not to stay.
@lru_cache(maxsize=64)
def _party(header: str, name: str, email: str) -> bytes:
    shown, address = header_text(name, 80), wire_form(email)
    line = f"{header}: {shown} <{address}>\r\n"
    if _PLAIN.fullmatch(shown) and len(line) <= LONGEST_HEADER:
        return line.encode("ascii")
    if shown.isascii():
        quoted = shown.replace("\\", "\\\\").replace('"', '\\"')
        line = f'{header}: "{quoted}" <{address}>\r\n'
        if shown and len(line) <= LONGEST_HEADER:
            return line.encode("ascii")
    if not shown:
        return f"{header}: {address}\r\n".encode("ascii")
    words = _encoded(header, shown)
    # The address is on the last line of the name if it fits there.
    room = LONGEST_HEADER - len(words.rpartition("\r\n")[2]) - (len(header) + 2)
    blank = " " if len(address) + 3 <= room else "\r\n "
    return f"{header}: {words}{blank}<{address}>\r\n".encode("ascii")


def _subject(subject: str) -> bytes:
    line = f"Subject: {subject}\r\n"
    if subject.isascii() and len(line) <= LONGEST_HEADER:
        return line.encode("ascii")
    if subject.isascii() and "  " not in subject:
        lines = wrap(
            subject,
            LONGEST_HEADER,
            initial_indent="Subject: ",
            subsequent_indent=" ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        if lines and max(map(len, lines)) <= LONGEST_HEADER:
            return ("\r\n".join(lines) + "\r\n").encode("ascii")
    return f"Subject: {_encoded('Subject', subject)}\r\n".encode("ascii")


def _encoded(header: str, words: str) -> str:
    """Return the words as encoded words that follow each other, each on a line of its own.

    The blank between two of them is not a part of the text, so those of the text are inside. The
    newer classes of the email package leave some of them outside, and they are lost.
    """
    return Header(words, "utf-8", LONGEST_LINE, header).encode(linesep="\r\n")


def _text_part(boundary: str, subtype: str, words: str) -> bytes:
    encoded = b2a_qp(words.encode(), istext=True).replace(b"\n", b"\r\n")
    return (
        f"--{boundary}\r\n"
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n"
        "\r\n".encode("ascii")
        + encoded
        + b"\r\n"
    )


def _boundary(part: str, message_id: str) -> str:
    # "=_" cannot stand in quoted-printable or base64, so no text can end a part.
    return f"=_{part}_{sha256(message_id.encode()).hexdigest()[:24]}"
