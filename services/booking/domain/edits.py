"""Editing an attendee's name and answers after they have booked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from services.booking.domain.answers import Answer, answer_faults, form_faults, given, phone_in
from services.booking.domain.attendee import LONGEST_NAME, Attendee, needs_phone
from services.booking.domain.booking import Detail
from services.booking.domain.location import Location, number_faults
from services.booking.domain.question import PHONE, Question
from services.booking.domain.refusals import Fault, refuse_if_any
from services.booking.domain.text import line_faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Another name, if any, and answers that take the place of those to the same questions."""

    name: str | None = None
    answers: tuple[Answer, ...] = ()


def edited(
    attendee: Attendee, edit: Edit, questions: Sequence[Question], location: Location
) -> Attendee:
    """Return the attendee as edited; raise Invalid.

    An answer keeps the label that it had. One to a question that is no longer asked may be edited.
    """
    asked = {each.id: each for each in questions}
    before = {each.question_id: each for each in attendee.answers}
    refuse_if_any(_faults(edit, asked, before, location))
    after = dict(before)
    for each in edit.answers:
        label = before[each.question_id].label if each.question_id in before else None
        question = asked.get(each.question_id)
        after[each.question_id] = replace(
            each, label=label or (question.label if question else None)
        )
    name = attendee.name if edit.name is None else edit.name
    return replace(attendee, name=name, answers=given(after.values()))


def changed_details(before: Attendee, after: Attendee) -> tuple[Detail, ...]:
    """Return which details differ."""
    details: list[Detail] = []
    if before.name != after.name:
        details.append("name")
    if phone_in(before.answers) != phone_in(after.answers):
        details.append("phone")
    if _said(before) != _said(after):
        details.append("answers")
    return tuple(details)


def _said(attendee: Attendee) -> Mapping[str, str | bool]:
    return {each.question_id: each.value for each in attendee.answers if each.question_id != PHONE}


def _faults(
    edit: Edit, asked: Mapping[str, Question], before: Mapping[str, Answer], location: Location
) -> Iterator[Fault]:
    if edit.name is not None:
        yield from line_faults("/name", edit.name, LONGEST_NAME)
    yield from form_faults(edit.answers)
    # What was not asked at all is named by the rules for answers; of the others only those count
    # that are edited.
    touched = {each.question_id for each in edit.answers}
    for fault in answer_faults(edit.answers, [asked[each] for each in touched if each in asked]):
        place = int(fault.pointer.split("/")[2])
        known = place < len(edit.answers) and edit.answers[place].question_id in before
        if not (known and fault.pointer.endswith("/question_id")):
            yield fault
    for place, each in enumerate(edit.answers):
        if each.question_id == PHONE and PHONE not in asked:
            yield from _number_faults(f"/answers/{place}/value", each.value, location)
        elif each.question_id in before and each.question_id not in asked:
            yield from _kind_faults(f"/answers/{place}/value", each.value, before[each.question_id])


def _number_faults(pointer: str, value: str | bool, location: Location) -> Iterator[Fault]:
    if isinstance(value, bool):
        yield Fault(pointer, "Must be text.")
    elif value or needs_phone(location):
        yield from number_faults(pointer, value)


def _kind_faults(pointer: str, value: str | bool, before: Answer) -> Iterator[Fault]:
    if type(value) is not type(before.value):
        yield Fault(pointer, "Must be of the kind that the answer was.")
