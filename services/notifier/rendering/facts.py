"""Facts: what a letter says, as safe text that phrases and templates put in their places."""

from collections.abc import Mapping
from typing import Literal, assert_never

from services.chassis.text.mail_address import wire_form
from services.chassis.web.clock import Clock
from services.chassis.web.hosts import host_on_the_wire
from services.chassis.web.plain_text import one_line, unlinked, web_address
from services.notifier.domain.letters import InPerson, Letter, Online, Phone

Relation = Literal["you", "them", "other"]


def facts_of(letter: Letter, clock: Clock) -> Mapping[str, str]:
    """Return the letter's facts; what it does not have is empty.

    What an attendee typed is hostile: it must not even turn into a link in the reader's program.
    """
    meeting = letter.meeting
    organizer = one_line(meeting.organizer.name, 80)
    attendee = unlinked(one_line(meeting.attendee.name, 80))
    before = letter.old_slot
    for_attendee = letter.recipient == "attendee"
    facts = {
        "title": one_line(meeting.title, 120),
        "organizer": organizer,
        "attendee": attendee,
        "addressee": attendee if for_attendee else organizer,
        "counterpart": organizer if for_attendee else attendee,
        "counterpart_email": wire_form(letter.counterpart.email),
        "starts": clock.moment(meeting.slot.start),
        "when": clock.when_with_zone(meeting.slot.start, meeting.slot.end),
        "before": clock.when_with_zone(before.start, before.end) if before else "",
        "reason": unlinked(one_line(letter.change_reason or "", 1000)),
        "join_url": _join_url(letter),
        "join_host": host_on_the_wire(_join_url(letter)),
        "manage_url": web_address(letter.manage_url or "") or "" if for_attendee else "",
    }
    return facts | {"where": _where(letter, clock, facts)}


def relation_of(letter: Letter) -> Relation:
    """Return who did what the letter is about, as its reader sees it."""
    by = "attendee" if letter.kind == "confirmation" else letter.by
    if by == letter.recipient:
        return "you"
    return "them" if by in ("attendee", "organizer") else "other"


def _join_url(letter: Letter) -> str:
    return "" if letter.kind == "cancellation" else web_address(letter.meeting.join_url or "") or ""


def _where(letter: Letter, clock: Clock, facts: Mapping[str, str]) -> str:
    match letter.meeting.location:
        case InPerson(address):
            return one_line(address, 300)
        case Online():
            return clock.reader.language.say("where.online")
        case Phone(who_calls, number):
            # A number is shown only where it is the one to call: then it was given for that.
            caller = "you" if who_calls == letter.recipient else "them"
            call = {"counterpart": facts["counterpart"], "number": one_line(number or "", 50)}
            return clock.reader.language.say(f"where.phone.{who_calls}.{caller}", **call)
        case _:
            assert_never(letter.meeting.location)
