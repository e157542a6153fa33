"""The calendar entry that a letter carries: its meeting, for the recipient's calendar."""

from datetime import datetime

from services.calendar_entry.booked import Booked, LastChange, entry_of
from services.calendar_entry.entry import Method, Party
from services.calendar_entry.file import build
from services.notifier.domain.letters import Contact, Letter


def method_of(letter: Letter) -> Method:
    """Return what the entry asks of the calendar."""
    return "CANCEL" if letter.kind == "cancellation" else "REQUEST"


def calendar_file(letter: Letter, sender: str, dtstamp: datetime) -> bytes:
    """Return the letter's calendar file; `sender` is the address that the letter comes from."""
    meeting = letter.meeting
    booked = Booked(
        uid=meeting.uid,
        sequence=meeting.ics_sequence,
        start=meeting.slot.start,
        end=meeting.slot.end,
        title=meeting.title,
        organizer=_party(meeting.organizer),
        organizer_email=letter.organizer_email,
        attendee=_party(meeting.attendee),
        place=meeting.location,
        join_url=meeting.join_url,
        cancelled=letter.kind == "cancellation",
        change=_change(letter),
        answers=letter.answers,
        manage_url=letter.manage_url,
        colour=meeting.colour,
    )
    entry = entry_of(
        booked,
        letter.recipient,
        locale=letter.locale,
        time_zone=letter.time_zone,
        sender=sender,
    )
    return build(entry, method=method_of(letter), dtstamp=dtstamp)


def _change(letter: Letter) -> LastChange | None:
    if letter.kind == "confirmation":
        return None
    before = letter.old_slot
    return LastChange(
        by=letter.by,
        of_details=letter.kind == "details",
        reason=letter.change_reason,
        before=(before.start, before.end) if before else None,
    )


def _party(contact: Contact) -> Party:
    return Party(contact.name, contact.email)
