"""The attendee: the data that they must give, and its rules."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from services.booking.domain.answers import (
    Answer,
    answer_faults,
    form_faults,
    given,
    labelled,
    phone_in,
)
from services.booking.domain.location import Location, Phone, number_faults
from services.booking.domain.meeting_type.settings import Settings, chosen_location
from services.booking.domain.question import PHONE, Question
from services.booking.domain.refusals import Fault, StateConflict, refuse_if_any
from services.booking.domain.text import (
    email_faults,
    line_faults,
    locale_faults,
)

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendee:
    """Who books; `time_zone` None is the organizer's.

    `location_index` is which of the places of the meeting type they have chosen.
    """

    name: str
    email: str
    time_zone: str | None
    locale: str
    answers: tuple[Answer, ...] = ()
    location_index: int = 0


def refuse_if_faulty(attendee: Attendee) -> None:
    """Raise Invalid naming everything that is wrong, whatever the meeting asks."""
    refuse_if_any(_faults(attendee))


def asked(attendee: Attendee, questions: Sequence[Question], location: Location) -> Attendee:
    """Return the attendee with their answers as they were asked; raise Invalid."""
    refuse_if_any(
        (
            *_faults(attendee),
            *_missing_number_faults(attendee, questions, location),
            *answer_faults(attendee.answers, questions),
        )
    )
    return replace(attendee, answers=labelled(attendee.answers, questions))


def refuse_if_unanswered(attendee: Attendee, settings: Settings) -> None:
    """Raise Invalid naming everything that is wrong with what the type asks."""
    place = chosen_location(settings, attendee.location_index)
    asked(attendee, settings.questions, place)


def needs_phone(location: Location) -> bool:
    """Tell whether the organizer calls, and so has to know a number."""
    return isinstance(location, Phone) and location.who_calls == "organizer"


def refuse_if_other(attendee: Attendee, confirmed: Attendee) -> None:
    """Raise StateConflict when a booking that is confirmed is confirmed again for somebody else."""
    if _said(attendee) != _said(confirmed):
        raise StateConflict(
            "This booking is confirmed already, for what was said the first time. "
            "Cancel it and book again to change that."
        )


def _said(attendee: Attendee) -> tuple[str, str, frozenset[tuple[str, str | bool]]]:
    answers = ((each.question_id, each.value) for each in given(attendee.answers))
    return attendee.name, attendee.email, frozenset(answers)


def _faults(attendee: Attendee) -> Iterator[Fault]:
    yield from line_faults("/attendee/name", attendee.name, LONGEST_NAME)
    yield from email_faults("/attendee/email", attendee.email)
    yield from locale_faults("/attendee/locale", attendee.locale)
    number = phone_in(attendee.answers)
    if number is not None:
        yield from number_faults("/attendee/phone", number)
    yield from form_faults(attendee.answers)


def _missing_number_faults(
    attendee: Attendee, questions: Sequence[Question], location: Location
) -> Iterator[Fault]:
    asks = any(each.id == PHONE and each.required for each in questions)
    if needs_phone(location) and not asks and phone_in(attendee.answers) is None:
        yield Fault("/attendee/phone", "Must be given: the organizer calls this number.")
