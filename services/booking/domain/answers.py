"""The attendee's answers to the questions of a meeting type, as they were asked at the hold."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from services.booking.domain.location import number_faults
from services.booking.domain.question import PHONE, Question
from services.booking.domain.refusals import Fault
from services.booking.domain.text import line_faults, paragraph_faults
from services.chassis.text.typed import is_blank

LONGEST_LINE = 500
LONGEST_ANSWER = 4000
LONGEST_QUESTION_ID = 200
MOST_ANSWERS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the attendee says to one question; the label is the question as it was asked then."""

    question_id: str
    value: str | bool
    label: str | None = None


def phone_in(answers: Iterable[Answer]) -> str | None:
    """Return the number at which the attendee is called, if they gave one."""
    return next((str(each.value) for each in answers if each.question_id == PHONE), None)


def given(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    """Return the answers that say something; an empty field of a form is no answer."""
    return tuple(each for each in answers if each.value is False or not _is_empty(each.value))


def labelled(answers: Sequence[Answer], questions: Sequence[Question]) -> tuple[Answer, ...]:
    """Return the answers with the labels of their questions, in the order of these."""
    asked = {each.id: (place, each.label) for place, each in enumerate(questions)}
    unasked = (len(asked), None)  # the number to call has no question of the type
    ordered = sorted(given(answers), key=lambda each: asked.get(each.question_id, unasked)[0])
    return tuple(
        Answer(
            question_id=each.question_id,
            value=each.value,
            label=asked.get(each.question_id, unasked)[1],
        )
        for each in ordered
    )


def form_faults(answers: Sequence[Answer]) -> Iterator[Fault]:
    """Yield what is wrong with the answers, whatever was asked."""
    if len(answers) > MOST_ANSWERS:
        yield Fault("/answers", f"Must be at most {MOST_ANSWERS} answers.")
    for place, answer in enumerate(answers):
        pointer = f"/answers/{place}"
        yield from line_faults(f"{pointer}/question_id", answer.question_id, LONGEST_QUESTION_ID)
        if isinstance(answer.value, str):
            yield from paragraph_faults(f"{pointer}/value", answer.value, LONGEST_ANSWER)


def answer_faults(answers: Sequence[Answer], questions: Sequence[Question]) -> Iterator[Fault]:
    """Yield what is wrong with the answers to these questions.

    One that is missing is named at the place behind the last, where it would be added.
    """
    asked = {each.id: each for each in questions}
    answered: set[str] = set()
    for place, answer in enumerate(answers):
        pointer, question = f"/answers/{place}", asked.get(answer.question_id)
        if answer.question_id in answered:
            yield Fault(f"{pointer}/question_id", "Another answer is to this question already.")
        elif question:
            yield from _value_faults(f"{pointer}/value", answer.value, question)
        elif answer.question_id != PHONE:
            yield Fault(f"{pointer}/question_id", "This meeting asks no such question.")
        answered.add(answer.question_id)
    missing = (each for each in questions if each.required and each.id not in answered)
    for place, question in enumerate(missing, start=len(answers)):
        yield Fault(f"/answers/{place}/value", f'"{question.label}" must be answered.')


def _value_faults(pointer: str, value: str | bool, question: Question) -> Iterator[Fault]:
    if question.kind == "checkbox":
        if not isinstance(value, bool):
            yield Fault(pointer, "Must be true or false.")
        elif question.required and not value:
            yield Fault(pointer, f'"{question.label}" must be checked.')
    elif isinstance(value, bool):
        yield Fault(pointer, "Must be text.")
    elif not is_blank(value):
        yield from _text_faults(pointer, value, question)
    elif question.required:
        yield Fault(pointer, f'"{question.label}" must be answered.')


def _text_faults(pointer: str, value: str, question: Question) -> Iterator[Fault]:
    match question.kind:
        case "text":
            yield from line_faults(pointer, value, LONGEST_LINE)
        case "long_text":
            yield from paragraph_faults(pointer, value, LONGEST_ANSWER)
        case "phone":
            yield from number_faults(pointer, value)
        case "choice":
            if value not in question.choices:
                yield Fault(pointer, f"Must be one of: {', '.join(question.choices)}.")
        case "checkbox":
            pass  # has no text
        case other:
            assert_never(other)


def _is_empty(value: str | bool) -> bool:
    return isinstance(value, str) and is_blank(value)
