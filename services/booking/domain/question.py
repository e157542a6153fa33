"""A question that a meeting type asks its attendees."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from services.booking.domain.refusals import Fault
from services.booking.domain.text import line_faults

QuestionKind = Literal["text", "long_text", "choice", "checkbox", "phone"]

# The question that every meeting asks at which the organizer calls.
PHONE = "phone"
MOST_QUESTIONS = 20
MOST_CHOICES = 50
LONGEST_LABEL = 200
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question; only one of kind `choice` has choices, and it has at least one."""

    id: str
    label: str
    kind: QuestionKind = "text"
    required: bool = False
    choices: tuple[str, ...] = ()


def questions_faults(pointer: str, questions: Sequence[Question]) -> Iterator[Fault]:
    """Yield what is wrong with the questions of a meeting type."""
    if len(questions) > MOST_QUESTIONS:
        yield Fault(pointer, f"Must be at most {MOST_QUESTIONS} questions.")
    seen: Counter[str] = Counter()
    for place, question in enumerate(questions):
        yield from _question_faults(f"{pointer}/{place}", question)
        seen[question.id] += 1
        if seen[question.id] == 2:
            yield Fault(f"{pointer}/{place}/id", "Another question has this id already.")


def _question_faults(pointer: str, question: Question) -> Iterator[Fault]:
    if not _ID.fullmatch(question.id):
        yield Fault(f"{pointer}/id", "Must be 1 to 64 letters a-z, digits, hyphens, underscores.")
    elif question.id == PHONE and question.kind != "phone":
        yield Fault(
            f"{pointer}/id", f"{PHONE!r} is the number to call; only kind phone may have this id."
        )
    yield from line_faults(f"{pointer}/label", question.label, LONGEST_LABEL)
    yield from _choice_faults(f"{pointer}/choices", question)


def _choice_faults(pointer: str, question: Question) -> Iterator[Fault]:
    if question.kind != "choice":
        if question.choices:
            yield Fault(pointer, "Only a question of kind choice has choices.")
        return
    if not 1 <= len(question.choices) <= MOST_CHOICES:
        yield Fault(pointer, f"Must be 1 to {MOST_CHOICES} choices.")
    if len(set(question.choices)) < len(question.choices):
        yield Fault(pointer, "Must be different from each other.")
    for place, choice in enumerate(question.choices):
        yield from line_faults(f"{pointer}/{place}", choice, LONGEST_LABEL)
