"""The mail as it goes onto the wire: headers that nobody can break out of, parts in their order."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import EmailPolicy
from hashlib import sha256

from services.calendar_entry.entry import Method
from services.chassis.text.mail_address import wire_form
from services.chassis.web.plain_text import header_text
from services.notifier.domain.letters import Contact


@dataclass(frozen=True, slots=True)
class Content:
    """What a mail says, in each of the forms that it carries."""

    language: str
    subject: str
    text: str
    html: str
    calendar: bytes
    method: Method


class _AsIs(str):
    """A header of our own making that goes out to the letter: neither folded nor quoted anew."""

    __slots__ = ()


class _Wire(EmailPolicy):
    def header_store_parse(self, name: str, value: object) -> tuple[str, str]:
        if isinstance(value, _AsIs):
            return name, value
        return super().header_store_parse(name, value)


_POLICY = _Wire(linesep="\r\n", refold_source="none")


def compose(
    content: Content,
    *,
    message_id: str,
    sender: Address,
    addressee: Contact,
    reply_to: Contact,
    date: datetime,
) -> EmailMessage:
    """Return the mail; the same input gives the same bytes, for ever."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = _address(addressee)
    message["Reply-To"] = _address(reply_to)
    message["Subject"] = header_text(content.subject, 300)
    message["Date"] = date
    message["Message-ID"] = _AsIs(message_id)
    message["Auto-Submitted"] = "auto-generated"
    message["MIME-Version"] = "1.0"
    message.make_mixed(boundary=_boundary("mixed", message_id))
    message["Content-Language"] = content.language  # set earlier, it would move into a part
    _attach(message, _alternatives(content, message_id))
    _attach(message, _attachment(content.calendar))
    return message


def _address(contact: Contact) -> Address:
    return Address(header_text(contact.name, 80), addr_spec=wire_form(contact.email))


def _alternatives(content: Content, message_id: str) -> MIMEPart:
    # The richest comes last: a mail program shows the last one that it can.
    parts = MIMEPart(policy=_POLICY)
    parts.make_alternative(boundary=_boundary("alternative", message_id))
    for subtype, words in (("plain", content.text), ("html", content.html)):
        part = MIMEPart(policy=_POLICY)
        part.set_content(words, subtype=subtype, cte="quoted-printable")
        _attach(parts, part)
    type_ = f"text/calendar; method={content.method}; charset=UTF-8"
    _attach(parts, _exact(type_, content.calendar))
    return parts


def _attachment(calendar: bytes) -> MIMEPart:
    # Not text/calendar once more: some programs would show two invitations.
    part = _exact('application/ics; name="invite.ics"', calendar)
    part["Content-Disposition"] = 'attachment; filename="invite.ics"'
    return part


def _exact(content_type: str, calendar: bytes) -> MIMEPart:
    part = MIMEPart(policy=_POLICY)
    part.set_content(calendar, maintype="application", subtype="ics", cte="base64")
    part.replace_header("Content-Type", _AsIs(content_type))
    return part


def _attach(whole: MIMEPart, part: MIMEPart) -> None:
    # As a function since typeshed lets an EmailMessage hold nothing but whole mails.
    whole.attach(part)


def _boundary(part: str, message_id: str) -> str:
    # "=_" cannot stand in quoted-printable or base64, so no text can end a part.
    return f"=_{part}_{sha256(message_id.encode()).hexdigest()[:24]}"
