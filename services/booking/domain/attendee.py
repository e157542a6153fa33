"""The attendee: the data that they must give, and its rules."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.booking.domain.location import Location, Phone, number_faults
from services.booking.domain.refusals import Fault, StateConflict, refuse_if_any
from services.booking.domain.text import (
    email_faults,
    line_faults,
    locale_faults,
    paragraph_faults,
)

LONGEST_NAME = 200
LONGEST_ANSWER = 4000
MOST_ANSWERS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the attendee says to one question of the meeting type."""

    question_id: str
    value: str | bool


# The question that every meeting asks at which the organizer calls.
PHONE = "phone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendee:
    """`time_zone` None is the organizer's."""

    name: str
    email: str
    time_zone: str | None
    locale: str
    answers: tuple[Answer, ...] = ()


def refuse_if_faulty(attendee: Attendee, location: Location | None = None) -> None:
    """Raise Invalid naming everything that is wrong; the location, if known, asks for a number."""
    refuse_if_any(
        (
            *line_faults("/attendee/name", attendee.name, LONGEST_NAME),
            *email_faults("/attendee/email", attendee.email),
            *locale_faults("/attendee/locale", attendee.locale),
            *_phone_faults(attendee, location),
            *_answer_faults(attendee.answers),
        )
    )


def needs_phone(location: Location) -> bool:
    """Tell whether the organizer calls, and so has to know a number."""
    return isinstance(location, Phone) and location.who_calls == "organizer"


def refuse_if_other(attendee: Attendee, confirmed: Attendee) -> None:
    """Raise StateConflict when a booking that is confirmed is confirmed again for somebody else."""
    asked = (attendee.name, attendee.email, attendee.answers)
    if asked != (confirmed.name, confirmed.email, confirmed.answers):
        raise StateConflict(
            "This booking is confirmed already, for what was said the first time. "
            "Cancel it and book again to change that."
        )


def phone_in(answers: Iterable[Answer]) -> str | None:
    """Return the number at which the attendee is called, if they gave one."""
    return next((str(each.value) for each in answers if each.question_id == PHONE), None)


def _phone_faults(attendee: Attendee, location: Location | None) -> Iterator[Fault]:
    number = phone_in(attendee.answers)
    if number is not None:
        yield from number_faults("/attendee/phone", number)
    elif location and needs_phone(location):
        yield Fault("/attendee/phone", "Must be given: the organizer calls this number.")


def _answer_faults(answers: tuple[Answer, ...]) -> Iterator[Fault]:
    if len(answers) > MOST_ANSWERS:
        yield Fault("/answers", f"Must be at most {MOST_ANSWERS} answers.")
    for place, answer in enumerate(answers):
        yield from line_faults(f"/answers/{place}/question_id", answer.question_id, LONGEST_NAME)
        if isinstance(answer.value, str):
            yield from paragraph_faults(f"/answers/{place}/value", answer.value, LONGEST_ANSWER)
