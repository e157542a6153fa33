"""Facts: what a letter says, as safe text that phrases and templates put in their places."""

from collections.abc import Mapping

from services.calendar_entry.words import (
    Relation,
    place_in_words,
    reason_for,
    relation_of,
    short_names,
    short_title,
    typed_text,
)
from services.chassis.text.mail_address import wire_form
from services.chassis.web.clock import Clock
from services.chassis.web.hosts import host_on_the_wire
from services.chassis.web.plain_text import web_address
from services.notifier.domain.letters import Letter


def facts_of(letter: Letter, clock: Clock) -> Mapping[str, str]:
    """Return the letter's facts; what it does not have is empty.

    What an attendee typed is hostile: it must not even turn into a link in the reader's program.
    """
    meeting = letter.meeting
    names = short_names(meeting.organizer.name, meeting.attendee.name)
    organizer, attendee = names["organizer"], names["attendee"]
    before, wanted = letter.old_slot, letter.wanted_slot
    for_attendee = letter.recipient == "attendee"
    return {
        "title": short_title(meeting.title),
        "organizer": organizer,
        "attendee": attendee,
        "addressee": attendee if for_attendee else organizer,
        "counterpart": organizer if for_attendee else attendee,
        "counterpart_email": wire_form(letter.counterpart.email)
        if letter.counterpart.email
        else "",
        "starts": clock.moment(meeting.slot.start),
        "when": clock.when_with_zone(meeting.slot.start, meeting.slot.end),
        "before": clock.when_with_zone(before.start, before.end) if before else "",
        "reason": typed_text(reason_for(letter.recipient, letter.by, letter.change_reason) or ""),
        "join_url": _join_url(letter),
        "join_host": host_on_the_wire(_join_url(letter)),
        "manage_url": web_address(letter.manage_url or "") or "" if for_attendee else "",
        "verify_url": web_address(letter.verify_url or "") or "",
        "deadline": clock.moment(letter.deadline) if letter.deadline else "",
        "wanted": clock.when_with_zone(wanted.start, wanted.end) if wanted else "",
        "where": place_in_words(meeting.location, letter.recipient, clock.reader.language, names),
    }


def relation_to(letter: Letter) -> Relation:
    """Return who did what the letter is about, as its reader sees it."""
    by = "attendee" if letter.kind == "confirmation" and not letter.by else letter.by
    return relation_of(letter.recipient, by)


def _join_url(letter: Letter) -> str:
    return (
        ""
        if not letter.has_calendar or letter.kind == "cancellation"
        else web_address(letter.meeting.join_url or "") or ""
    )
