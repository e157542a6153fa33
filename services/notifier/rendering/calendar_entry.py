"""The calendar entry that a letter carries: its meeting, for the recipient's calendar."""

from collections.abc import Mapping
from datetime import datetime

from services.calendar_entry.entry import Method, Names, Party, entry_of
from services.calendar_entry.file import build
from services.chassis.web.clock import Clock
from services.notifier.domain.letters import Contact, Letter


def method_of(letter: Letter) -> Method:
    """Return what the entry asks of the calendar."""
    return "CANCEL" if letter.kind == "cancellation" else "REQUEST"


def calendar_file(
    letter: Letter, clock: Clock, facts: Mapping[str, str], dtstamp: datetime
) -> bytes:
    """Return the letter's calendar file."""
    meeting = letter.meeting
    entry = entry_of(
        uid=meeting.uid,
        sequence=meeting.ics_sequence,
        start=meeting.slot.start,
        end=meeting.slot.end,
        zone=clock.zone,
        organizer=_party(meeting.organizer),
        attendee=_party(meeting.attendee),
        names=Names(title=facts["title"], organizer=facts["organizer"], attendee=facts["attendee"]),
        place=facts["where"],
        join_url=facts["join_url"],
        description=_description(letter, clock, facts),
    )
    return build(entry, method=method_of(letter), dtstamp=dtstamp)


def _party(contact: Contact) -> Party:
    return Party(contact.name, contact.email)


def _description(letter: Letter, clock: Clock, facts: Mapping[str, str]) -> str:
    if letter.kind == "cancellation":
        return ""
    links = {"label.join": facts["join_url"], "manage.action": facts["manage_url"]}
    lines = [f"{clock.reader.language.phrases[key]}: {url}" for key, url in links.items() if url]
    return "\n".join(lines)
