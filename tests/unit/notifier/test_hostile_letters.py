"""Hostile words in each field of a letter, looked for in each output."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import compat32, default
from html.parser import HTMLParser
from typing import Any
from unicodedata import category

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from services.calendar_entry.details import InPerson, Phone
from services.notifier import rendering
from services.notifier.domain.delivery import Recipient
from services.notifier.domain.letters import Contact, Letter
from tests.letters import ANNA, DTSTAMP, EARLIER, HOSTILE, SENDER, VISITOR, content, letter

FIELDS = ("title", "organizer", "attendee", "address", "number", "join", "manage", "reason", "uid")
HEADERS = [
    "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version",
    "Content-Type", "Content-Language",
]  # fmt: skip
PROPERTIES = {
    "UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "STATUS", "SUMMARY", "LOCATION",
    "DESCRIPTION", "ORGANIZER", "ATTENDEE",
}  # fmt: skip
DIRECTION = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
TAGS = {
    "html", "head", "meta", "title", "style", "body", "table", "tr", "td", "th", "h1", "p", "bdi",
    "strong", "br", "span", "a",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "name", "content", "class", "style", "role", "width", "cellpadding",
    "cellspacing", "align", "valign", "dir", "scope", "href",
}  # fmt: skip


def poisoned(field: str, poison: str, recipient: Recipient) -> Letter:
    poisons: dict[str, dict[str, Any]] = {
        "title": {"title": poison},
        "organizer": {"organizer": Contact(poison, ANNA.email)},
        "attendee": {"attendee": Contact(poison, VISITOR.email)},
        "address": {"location": InPerson(poison)},
        "number": {"location": Phone("attendee", poison)},
        "join": {"join_url": poison},
        "manage": {"manage_url": poison},
        "reason": {"change_reason": poison},
        "uid": {"uid": poison},
    }
    changes = poisons[field]
    return letter(recipient=recipient, kind="change", old_slot=EARLIER, by="attendee", **changes)


class Page(HTMLParser):
    """What a browser would make of the HTML part."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name == "href"]


def check_headers(mail: EmailMessage, raw: bytes) -> None:
    for policy in (default, compat32):
        again = message_from_bytes(raw, policy=policy)
        assert sorted(HEADERS) == sorted(again.keys())
        assert again.defects == []
    (to,), (reply_to,) = mail["To"].addresses, mail["Reply-To"].addresses
    assert {ANNA.email, VISITOR.email} == {to.addr_spec, reply_to.addr_spec}
    for header in mail.values():
        assert not {"Cc", "Cs", "Zl", "Zp"} & set(map(category, str(header)))
        assert not DIRECTION & set(str(header))
    # A reader who decodes what was already decoded finds nothing more to decode.
    assert "=?" not in mail["Subject"] + to.display_name + reply_to.display_name


def check_html(html: str) -> None:
    page = Page()
    page.feed(html)

    assert page.tags <= TAGS
    assert page.attributes <= ATTRIBUTES
    assert all(str(link).startswith(("https://", "http://")) for link in page.links)
    assert not DIRECTION & set(html)


def check_calendar(ics: bytes) -> None:
    assert b"\n" not in ics.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in ics.split(b"\r\n"))
    assert not DIRECTION & set(ics.decode())
    event_lines = ics.replace(b"\r\n ", b"").split(b"BEGIN:VEVENT")[1].splitlines()
    names = {line.split(b":")[0].split(b";")[0].decode() for line in event_lines if line}
    assert names <= PROPERTIES | {"END"}
    (event,) = Calendar.from_ical(ics).walk("VEVENT")
    assert event.errors == []
    assert set(event) <= PROPERTIES
    organizer: Any = event["ORGANIZER"]
    own = f"mailto:{SENDER.addr_spec}" == organizer
    assert own or f"mailto:{ANNA.email}" == organizer
    assert {"CN", "SENT-BY"} >= set(organizer.params)
    attendees: Any = event["ATTENDEE"] if own else [event["ATTENDEE"]]
    parties = [ANNA, VISITOR] if own else [VISITOR]
    assert [f"mailto:{party.email}" for party in parties] == attendees
    for attendee in attendees:
        assert {"CN", "CUTYPE", "PARTSTAT", "ROLE", "RSVP"} >= set(attendee.params)


def check(raw: bytes) -> EmailMessage:
    read = message_from_bytes(raw, policy=default)
    shape = [part.get_content_type() for part in read.walk()]
    assert shape == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar",
        "application/ics",
    ]  # fmt: skip
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    check_headers(read, raw)
    check_html(list(read.walk())[3].get_content())
    check_calendar(content(list(read.walk())[4]))
    return read


@pytest.mark.parametrize("recipient", ["attendee", "organizer"])
@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("poison", HOSTILE.values(), ids=HOSTILE)
def test_hostile_words_stay_words(field: str, poison: str, recipient: Recipient) -> None:
    check(rendering.render(poisoned(field, poison, recipient), sender=SENDER, dtstamp=DTSTAMP))


@settings(max_examples=60, deadline=None)
@given(
    field=st.sampled_from(FIELDS),
    poison=st.text(max_size=300)
    | st.text(alphabet="=?_utf8qb\r\n\t \"<>:;,\\@éא😀\u2028\u202e^N'&{}%", max_size=300),
    recipient=st.sampled_from(["attendee", "organizer"]),
)
def test_no_words_at_all_get_out_of_their_place(
    field: str, poison: str, recipient: Recipient
) -> None:
    check(rendering.render(poisoned(field, poison, recipient), sender=SENDER, dtstamp=DTSTAMP))


@pytest.mark.parametrize("which", [0, 1])
def test_who_knows_a_parts_boundary_cannot_end_the_part(which: int) -> None:
    known = check(rendering.render(letter(kind="change"), sender=SENDER, dtstamp=DTSTAMP))
    boundary = [part for part in known.walk() if part.is_multipart()][which].get_boundary()

    # Long lines are broken: some filling puts the boundary to the beginning of a line.
    for filling in range(30, 80):
        reason = f"{'x' * filling}--{boundary}"
        poison = letter(kind="change", change_reason=reason)
        check(rendering.render(poison, sender=SENDER, dtstamp=DTSTAMP))


@pytest.mark.parametrize("part", ["text/plain", "text/html", "text/calendar"])
def test_an_attendees_words_do_not_become_links_in_the_organizers_mail(part: str) -> None:
    spam = "Win at https://evil.example/?a=b or www.evil.example"
    mail = check(
        rendering.render(
            letter(
                recipient="organizer",
                kind="change",
                by="attendee",
                attendee=Contact(spam, VISITOR.email),
                change_reason=spam,
            ),
            sender=SENDER,
            dtstamp=DTSTAMP,
        )
    )
    (shown,) = (p for p in mail.walk() if p.get_content_type() == part)
    text = content(shown).decode().replace("\r\n ", "")
    # A name as a parameter is a name: calendars make no links of it.
    text = "\n".join(line for line in text.splitlines() if not line.startswith("ATTENDEE"))

    assert "Win at" in text
    assert "://evil" not in text
    assert "evil.example" not in text


def test_a_name_is_kept_as_it_was_typed_where_it_is_harmless() -> None:
    name = 'Søs "Sø" O\'Ærø; <3, 😀 עדה'
    mail = check(
        rendering.render(
            letter(attendee=Contact(name, VISITOR.email)), sender=SENDER, dtstamp=DTSTAMP
        )
    )
    (event,) = Calendar.from_ical(content(list(mail.walk())[4])).walk("VEVENT")

    assert name == mail["To"].addresses[0].display_name
    assert name == event["ATTENDEE"].params["CN"]
    assert name in list(mail.walk())[2].get_content()
