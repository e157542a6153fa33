"""What mails and calendar entries both say about a booking: names, the place, who changed it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, assert_never

from services.calendar_entry.details import (
    Answer,
    Changer,
    InPerson,
    Online,
    Phone,
    Place,
    Recipient,
)
from services.chassis.web.catalogues import Catalogue, Language, catalogue
from services.chassis.web.plain_text import one_line, unlinked

WORDS = Path(__file__).parent / "words"

Relation = Literal["you", "them", "other"]


def languages() -> Catalogue:
    """Return the languages of calendar entries by their code."""
    return catalogue(WORDS)


def short_title(title: str) -> str:
    """Return what the meeting is about, on one line."""
    return one_line(title, 120)


def short_names(organizer: str, attendee: str) -> Mapping[Recipient, str]:
    """Return the parties' names, each on one line.

    The attendee's is hostile text: no reader's program may make a link of it.
    """
    return {"organizer": one_line(organizer, 80), "attendee": unlinked(one_line(attendee, 80))}


def typed_text(text: str) -> str:
    """Return a longer text that somebody typed, on one line and without links."""
    return unlinked(one_line(text, 1000))


def relation_of(recipient: Recipient, by: Changer | None) -> Relation:
    """Return who made a change, as the recipient sees it."""
    if by == recipient:
        return "you"
    return "them" if by in ("attendee", "organizer") else "other"


def reason_for(recipient: Recipient, by: Changer | None, reason: str | None) -> str | None:
    """Return the reason of a change for the recipient; nobody gets back what they typed.

    Who books types any address: their words would be mailed to a stranger in our name.
    """
    return None if by == recipient else reason


def place_in_words(
    place: Place, recipient: Recipient, language: Language, names: Mapping[Recipient, str]
) -> str:
    """Return where the meeting is, or who calls whom."""
    match place:
        case InPerson(address):
            return one_line(address, 300)
        case Online():
            return language.say("where.online")
        case Phone(who_calls, number):
            # A number is shown only where it is the one to call: then it was given for that.
            caller = "you" if who_calls == recipient else "them"
            counterpart = names["organizer" if recipient == "attendee" else "attendee"]
            call = {"counterpart": counterpart, "number": one_line(number or "", 50)}
            return language.say(f"where.phone.{who_calls}.{caller}", **call)
        case _:
            assert_never(place)


def answers_in_words(answers: Sequence[Answer], language: Language) -> Iterator[tuple[str, str]]:
    """Yield what the attendee answered, question by question; one without words has its id.

    Only the question about the number to call is asked without words of the organizer's own.
    """
    phrases = language.phrases
    for answer in answers:
        own = answer.label or answer.question_id
        question = one_line(own, 200)
        if answer.label is None:
            question = phrases.get(f"answer.{answer.question_id}", question)
        value = answer.value
        if isinstance(value, bool):
            value = phrases["answer.yes" if value else "answer.no"]
        if text := typed_text(value):
            yield unlinked(question), text
