"""Calendar files: one entry as the bytes that calendars read, after RFC 5545, 5546 and 7986.

Written line by line: a library's objects cost more than the rest of a mail. Foreign readers prove
it: tests/readers.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from urllib.parse import quote

from services.calendar_entry.colours import colour_name
from services.calendar_entry.entry import Entry, Method, Party
from services.calendar_entry.time_zone import time_zone
from services.chassis.text.mail_address import wire_form
from services.chassis.web.plain_text import one_line, paragraphs

PRODID = "-//Bookwith//Bookwith 1//EN"
LONGEST_LINE = 75  # octets, without the line end
# Who books has accepted: a calendar that asked once more would get a useless reply.
_ACCEPTED = "CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE"


def build(entry: Entry, *, method: Method | None, dtstamp: datetime) -> bytes:
    """Return the calendar file of the entry.

    Without a method it is one that a calendar server keeps (RFC 4791, 4.1), which invites nobody:
    the letters do (RFC 6638, 7.1).
    """
    definition = _definition(entry)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODID}",
        "CALSCALE:GREGORIAN",
        *((f"METHOD:{method}",) if method else ()),
        *(definition or ()),
        *_event(entry, method, dtstamp, in_zone=definition is not None),
        "END:VCALENDAR",
    ]
    return b"".join(_folded(lines))


def _event(
    entry: Entry, method: Method | None, dtstamp: datetime, *, in_zone: bool
) -> Iterator[str]:
    agent = "" if method else ";SCHEDULE-AGENT=CLIENT"
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(one_line(entry.uid))}"
    yield f"SEQUENCE:{entry.sequence}"
    yield f"DTSTAMP:{_in_utc(dtstamp)}"
    for name, moment in (("DTSTART", entry.start), ("DTEND", entry.end)):
        if in_zone:
            yield f"{name};TZID={entry.zone.key}:{moment.astimezone(entry.zone):%Y%m%dT%H%M%S}"
        else:
            yield f"{name}:{_in_utc(moment)}"
    yield "STATUS:CANCELLED" if entry.cancelled else "STATUS:CONFIRMED"
    yield f"SUMMARY:{_text(one_line(entry.summary, 300))}"
    if entry.location:
        yield f"LOCATION:{_text(one_line(entry.location, 500))}"
    if entry.description:
        yield f"DESCRIPTION:{_text(paragraphs(entry.description, 5000))}"
    if entry.category:
        yield f"CATEGORIES:{_text(one_line(entry.category, 100))}"
    if entry.colour:
        yield f"COLOR:{colour_name(entry.colour)}"
    sent_by = f';SENT-BY="{_mailto(entry.sent_by)}"' if entry.sent_by else ""
    yield f"ORGANIZER{agent}{_name(entry.organizer)}{sent_by}:{_mailto(entry.organizer.email)}"
    # Nobody is asked to come by a published entry (RFC 5546, 3.2.1).
    for party in () if method == "PUBLISH" else entry.attendees:
        yield f"ATTENDEE{agent}{_name(party)};{_ACCEPTED}:{_mailto(party.email)}"
    yield "END:VEVENT"


def _definition(entry: Entry) -> tuple[str, ...] | None:
    """Return the zone's definition; None where only UTC names the instants for every reader."""
    start, end = entry.start.astimezone(entry.zone), entry.end.astimezone(entry.zone)
    definition = time_zone(entry.zone, start.year, end.year)
    if definition is None or start.tzname() == "UTC":
        return None
    around = (entry.start - definition.unsure_after, entry.end + definition.unsure_before)
    offsets = {start.utcoffset(), *(at.astimezone(entry.zone).utcoffset() for at in around)}
    return definition.lines if len(offsets) == 1 else None


def _in_utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    # ical4j takes a backslash before a line end for a part of it.
    value = value.replace("\\\n", "\\\u200b\n")
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\n", "\\n")


def _mailto(email: str) -> str:
    return "mailto:" + quote(wire_form(email), safe="@!$'*+")


def _name(party: Party) -> str:
    """Return the parameter CN; what may not stand between quotes is written after RFC 6868."""
    # Readers take a backslash before the closing sign for an escape, though a name has none.
    name = one_line(party.name, 100).replace("\\", "/").replace("^", "^^").replace('"', "^'")
    return f';CN="{name}"' if name else ""


def _folded(lines: Iterable[str]) -> Iterator[bytes]:
    """Yield the lines as octets with their ends, the long ones folded between letters."""
    for line in lines:
        octets = line.encode()
        begins, room = 0, LONGEST_LINE
        while len(octets) - begins > room:
            ends = begins + room
            while octets[ends] & 0xC0 == 0x80:  # inside a letter
                ends -= 1
            yield octets[begins:ends] + b"\r\n "
            begins, room = ends, LONGEST_LINE - 1
        yield octets[begins:] + b"\r\n"
