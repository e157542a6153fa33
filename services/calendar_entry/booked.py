"""A booking as the calendar entry of one of its parties: the same in mails and downloads."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.calendar_entry.details import Answer, Changer, Online, Place, Recipient
from services.calendar_entry.entry import Entry, Party
from services.calendar_entry.words import (
    answers_in_words,
    languages,
    place_in_words,
    reason_for,
    relation_of,
    short_names,
    short_title,
    typed_text,
)
from services.chassis.web.clock import Clock, clock_in
from services.chassis.web.plain_text import web_address
from services.chassis.web.readers import reader_by_locale

Period = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class LastChange:
    """The newest change of a booking: who made it, the reason they gave, the time before it.

    One `of_details` has moved nothing.
    """

    by: Changer | None
    reason: str | None = None
    before: Period | None = None
    of_details: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A booking as it stands; `manage_url` opens it, so only the attendee's entry has it.

    `organizer` is as it was when the booking was made, or calendars would not know the entry again;
    `organizer_email` is where they are reached by now.
    """

    uid: str
    sequence: int
    start: datetime
    end: datetime
    title: str
    organizer: Party
    attendee: Party
    place: Place
    organizer_email: str | None = None
    join_url: str | None = None
    cancelled: bool = False
    change: LastChange | None = None
    answers: Sequence[Answer] = ()
    manage_url: str | None = None
    colour: str | None = None


def entry_of(
    booked: Booked,
    recipient: Recipient,
    *,
    locale: str,
    time_zone: str,
    sender: str | None = None,
) -> Entry:
    """Return the booking for the recipient's calendar; `sender` is the address that mails it.

    Calendars ignore a request that comes to the address of its organizer, so in the organizer's own
    mail the sender is the organizer, and they are an attendee.
    """
    clock = clock_in(reader_by_locale(languages(), locale), time_zone)
    names = short_names(booked.organizer.name, booked.attendee.name)
    place = place_in_words(booked.place, recipient, clock.reader.language, names)
    organizer, sent_by = booked.organizer, sender
    attendees = (booked.attendee,) if booked.attendee.email else ()  # an erased one has none
    if recipient == "organizer" and sender:
        reached = Party(organizer.name, booked.organizer_email or organizer.email)
        attendees = (reached, *attendees)
        organizer, sent_by = Party(organizer.name, sender), None
    return Entry(
        uid=booked.uid,
        sequence=booked.sequence,
        start=booked.start,
        end=booked.end,
        zone=clock.zone,
        organizer=organizer,
        attendees=attendees,
        summary=f"{short_title(booked.title)}: {names['organizer']} / {names['attendee']}",
        location=(_join_url(booked) if isinstance(booked.place, Online) else "") or place,
        description="\n".join(_lines(booked, recipient, clock, names)),
        cancelled=booked.cancelled,
        sent_by=sent_by if sent_by != organizer.email else None,
        # What has a colour is told apart by it: where colours belong to categories, by its kind.
        category=short_title(booked.title) if booked.colour else None,
        colour=booked.colour,
    )


def _lines(
    booked: Booked, recipient: Recipient, clock: Clock, names: Mapping[Recipient, str]
) -> Iterator[str]:
    """Yield what the mail says and matters in a calendar, which may show it instead of the mail."""
    language, change = clock.reader.language, booked.change
    to_attendee = recipient == "attendee"
    counterpart = names["organizer" if to_attendee else "attendee"]
    if change:
        kind = "cancellation" if booked.cancelled else "change"
        if change.of_details:
            kind = "details"
        opening = f"{kind}.opening.{relation_of(recipient, change.by)}"
        yield language.say(opening, counterpart=counterpart)
    yield f"{language.say('label.who')}: {counterpart}"
    if change and change.before:
        yield f"{language.say('label.before')}: {clock.when_with_zone(*change.before)}"
    if change and (reason := reason_for(recipient, change.by, change.reason)):
        yield f"{language.say('label.reason')}: {typed_text(reason)}"
    if not to_attendee:
        for question, answer in answers_in_words(booked.answers, language):
            yield f"{question}: {answer}"
    if join_url := _join_url(booked):
        yield f"{language.say('label.join')}: {join_url}"
    if to_attendee and (manage_url := web_address(booked.manage_url or "")):
        action = "manage.action.cancelled" if booked.cancelled else "manage.action"
        yield f"{language.say(action)}: {manage_url}"


def _join_url(booked: Booked) -> str:
    return "" if booked.cancelled else web_address(booked.join_url or "") or ""
