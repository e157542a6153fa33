"""The attendee: the data that they must give, and its rules."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.booking.domain.refusals import Fault, refuse_if_any
from services.booking.domain.text import (
    email_faults,
    line_faults,
    locale_faults,
    paragraph_faults,
)

_MOST_ANSWERS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the attendee says to one question of the meeting type."""

    question_id: str
    value: str | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendee:
    """`time_zone` None is the organizer's."""

    name: str
    email: str
    time_zone: str | None
    locale: str
    answers: tuple[Answer, ...] = ()


def refuse_if_faulty(attendee: Attendee) -> None:
    """Raise Invalid naming everything that is wrong."""
    refuse_if_any(
        (
            *line_faults("/attendee/name", attendee.name, 200),
            *email_faults("/attendee/email", attendee.email),
            *locale_faults("/attendee/locale", attendee.locale),
            *_answer_faults(attendee.answers),
        )
    )


def _answer_faults(answers: tuple[Answer, ...]) -> Iterator[Fault]:
    if len(answers) > _MOST_ANSWERS:
        yield Fault("/answers", f"Must be at most {_MOST_ANSWERS} answers.")
    for place, answer in enumerate(answers):
        yield from line_faults(f"/answers/{place}/question_id", answer.question_id, 200)
        if isinstance(answer.value, str):
            yield from paragraph_faults(f"/answers/{place}/value", answer.value, 4000)
