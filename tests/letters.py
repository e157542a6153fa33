"""Letters for tests: a meeting with character, and hostile words to put anywhere into it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import Message
from typing import Any
from uuid import UUID

from services.calendar_entry.details import InPerson, Online, Phone, Place
from services.notifier.domain.letters import Contact, Letter, Meeting, Slot

SENDER = Address("Bookwith", addr_spec="bookings@bookwith.example")
DTSTAMP = datetime(2026, 11, 20, 8, 15, tzinfo=UTC)
BOOKING = UUID("0199a1f0-0000-7000-8000-00000000c0de")
JOIN = "https://meet.bookwith.example/0199a1f0"
MANAGE = "https://bookwith.example/m/bwm_AQGZofAAAHAAgAAAAAAAwN4AAA"
SLOT = Slot(datetime(2026, 12, 3, 9, tzinfo=UTC), datetime(2026, 12, 3, 9, 30, tzinfo=UTC))
EARLIER = Slot(SLOT.start - timedelta(days=2, hours=1), SLOT.end - timedelta(days=2, hours=1))
ANNA = Contact("Anna, organizer", "anna@bookwith.example")
VISITOR = Contact("Søs Ærø", "soes@visitor.example")
PLACES: dict[str, Place] = {
    "in person": InPerson("Strandvejen 1, 2. sal\n2100 København Ø"),
    "attendee calls": Phone("attendee", "+45 12 34 56 78"),
    "organizer calls": Phone("organizer", "+45 87 65 43 21"),
    "online": Online(),
}
HOSTILE = {
    "encoded word": "=?utf-8?q?A=0D=0ABcc=3A_eve=40evil.example?=",
    "nested encoded word": "==??utf-8?q?A=0D=0ABcc=3A_eve=40evil.example?==?=",
    "split encoded word": "=\x00?utf-8?b?QQ0KQmNjOiBldmVAZXZpbC5leGFtcGxl?\u202e=",
    "line ends": "A\r\nBcc: eve@evil.example\r\n\r\n<b>x</b>\nBEGIN:VALARM\rX-EVIL:1",
    "odd line ends": "A\x0bBcc: eve@evil.example\x0c\x1c\x85X-EVIL:1\u2028X-EVIL:1\u2029y",
    "sql": '"; DROP TABLE deliveries; --',
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>\"' onmouseover='x",
    "template": "{{ 7*7 }}{% include 'x' %}{title}{0.__class__}%s",
    "calendar": '":mailto:eve@evil.example\\nX-EVIL:1;X=";,\\N^n^\'',
    "backslash": "\\",
    "emoji": "😀👩‍👩‍👧 " * 60,
    "long": "Wolfeschlegelsteinhausenbergerdorff" * 80,
    "right to left": "\u202eelpmaxe.live\u2066 עדה כהן \u200f",
    "link": "Win at https://evil.example/?a=b or www.evil.example now",
    "address": "x <eve@evil.example>, y",
    "surrogate": "half \ud83d gone",
    "boundary": "\r\n--=_mixed_0\r\nContent-Type: text/html\r\n\r\n<b>x</b>",
    "nothing": "",
    "blank": " \t\u00a0",
}


def content(part: Message) -> bytes:
    """Return what a part of a mail holds, as it was before its transfer encoding."""
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload


def meeting(**changes: Any) -> Meeting:
    whole = Meeting(
        booking_id=BOOKING,
        uid=f"{BOOKING}@bookwith",
        ics_sequence=0,
        title="Intro: what we could build",
        slot=SLOT,
        organizer=ANNA,
        attendee=VISITOR,
        location=PLACES["online"],
        join_url=JOIN,
    )
    return replace(whole, **changes)


def letter(**changes: Any) -> Letter:
    about = {name: changes.pop(name) for name in Meeting.__slots__ if name in changes}
    whole = Letter(
        kind="confirmation",
        recipient="attendee",
        meeting=meeting(**about),
        locale="en",
        time_zone="Europe/Copenhagen",
        manage_url=MANAGE,
    )
    return replace(whole, **changes)
