"""The questions of a meeting as fields of a form, and what was typed into them as answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.booking.domain.answers import LONGEST_ANSWER, LONGEST_LINE, Answer
from services.booking.domain.attendee import Attendee, needs_phone
from services.booking.domain.meeting_type import Settings
from services.booking.domain.question import PHONE, Question, QuestionKind
from services.booking.domain.refusals import Fault
from services.booking.web.attendee.draft import ANSWER, Draft
from services.booking.web.attendee.meeting import where
from services.chassis.web.catalogues import Language
from services.chassis.web.plain_text import one_line

CHECKED = "yes"
_LONGEST: Mapping[QuestionKind, int] = {
    "text": LONGEST_LINE,
    "long_text": LONGEST_ANSWER,
    "phone": 31,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionField:
    """One question; `id` is the field's own in the page, `name` what it is sent as."""

    id: str
    name: str
    label: str
    kind: QuestionKind
    required: bool
    choices: Sequence[str]
    longest: int | None
    value: str


def question_fields(settings: Settings, typed: Draft) -> list[QuestionField]:
    """Return the fields of the questions, with what was typed into them."""
    return [
        QuestionField(
            id=f"answer-{place}",
            name=f"{ANSWER}{question.id}",
            label=one_line(question.label, 200),
            kind=question.kind,
            required=question.required,
            choices=question.choices,
            longest=_LONGEST.get(question.kind),
            value=typed.answer_to(question.id),
        )
        for place, question in enumerate(settings.questions)
    ]


def places(settings: Settings, language: Language, organizer: str) -> list[str]:
    """Return the places to choose from in words; none where there is only one."""
    if not settings.more_locations:
        return []
    name = one_line(organizer, 120)
    return [where(language, each, name, booked=False) for each in settings.locations]


def phone_places(settings: Settings) -> list[int]:
    """Return which of the places need a number to call."""
    return [place for place, each in enumerate(settings.locations) if needs_phone(each)]


def asks_phone(settings: Settings) -> bool:
    """Tell whether the number to call has a field of its own: no question asks for it."""
    asked = any(question.id == PHONE for question in settings.questions)
    return not asked and any(map(needs_phone, settings.locations))


def needs_number(settings: Settings) -> bool:
    """Tell whether the number must be given, whichever place is chosen."""
    return all(map(needs_phone, settings.locations))


def attendee_in(
    draft: Draft, settings: Settings, *, time_zone: str | None, locale: str
) -> Attendee:
    """Return who the draft says that they are, with an answer for each question in its order."""
    return Attendee(
        name=draft.name,
        email=draft.email,
        time_zone=time_zone,
        locale=locale,
        answers=tuple(_answers(draft, settings)),
        location_index=_index(draft.place, len(settings.locations)),
    )


def answer_fault(fault: Fault, settings: Settings, draft: Draft) -> tuple[str, str] | None:
    """Return the field at which a fault of an answer is shown, with the key of its phrase."""
    match fault.pointer.split("/"):
        case ["", "answers", place, _] if int(place) < len(settings.questions):
            question = settings.questions[int(place)]
            empty = not draft.answer_to(question.id)
            kind = "missing" if empty else question.kind
            return f"answer-{place}", "fault.phone" if kind == "phone" else f"fault.answer.{kind}"
        case _:
            return None


def _answers(draft: Draft, settings: Settings) -> Iterator[Answer]:
    for question in settings.questions:
        yield Answer(question_id=question.id, value=_value(question, draft))
    if draft.phone and asks_phone(settings):
        yield Answer(question_id=PHONE, value=draft.phone)


def _value(question: Question, draft: Draft) -> str | bool:
    typed = draft.answer_to(question.id)
    return typed == CHECKED if question.kind == "checkbox" else typed


def _index(place: str, count: int) -> int:
    """Return which place was chosen; what no form of ours sends is the first."""
    return int(place) if place in map(str, range(count)) else 0
