"""Answers to the questions of a meeting type: which are taken, and what is said of others."""

from dataclasses import replace

import pytest

from services.booking.domain.answers import Answer, answer_faults, labelled
from services.booking.domain.attendee import Attendee, asked, refuse_if_other
from services.booking.domain.location import InPerson, Phone
from services.booking.domain.question import Question, questions_faults
from services.booking.domain.refusals import Invalid, StateConflict

TOPIC = Question(id="topic", label="What is it about?", required=True)
STORY = Question(id="story", label="What happened so far?", kind="long_text")
DRINK = Question(id="drink", label="Tea or coffee?", kind="choice", choices=("Tea", "Coffee"))
RULES = Question(id="rules", label="I have read the rules.", kind="checkbox", required=True)
MOBILE = Question(id="mobile", label="Where can we reach you?", kind="phone")
ALL = (TOPIC, STORY, DRINK, RULES, MOBILE)
VERA = Attendee(name="Vera Visitor", email="vera@visitors.example", time_zone=None, locale="en")
OFFICE = InPerson("Bridge Street 7")


def said(**values: str | bool) -> tuple[Answer, ...]:
    return tuple(Answer(question_id=name, value=value) for name, value in values.items())


def faults(*questions: Question, **values: str | bool) -> list[tuple[str, str]]:
    return [(each.pointer, each.detail) for each in answer_faults(said(**values), questions)]


def test_answers_of_every_kind_are_taken() -> None:
    answers: dict[str, str | bool] = {
        "topic": "The bridge",
        "story": "It moved.\nThen it stopped.",
        "drink": "Tea",
        "rules": True,
        "mobile": "+45 12 34 56 78",
    }

    assert [] == faults(*ALL, **answers)


def test_what_is_not_required_may_be_left_out_or_empty() -> None:
    assert [] == faults(*ALL, topic="The bridge", rules=True)
    assert [] == faults(*ALL, topic="The bridge", rules=True, story="", drink=" ", mobile="")


@pytest.mark.parametrize(
    ("question", "value", "detail"),
    [
        (TOPIC, "", '"What is it about?" must be answered.'),
        (TOPIC, " \u200b", '"What is it about?" must be answered.'),
        (TOPIC, True, "Must be text."),
        (TOPIC, "x" * 501, "Must have at most 500 characters."),
        (TOPIC, "two\nlines", "Must be one line without control characters."),
        (TOPIC, "\u202eegdirb", "Must be one line without control characters."),
        (STORY, "x" * 4001, "Must have at most 4000 characters."),
        (STORY, "\x00", "Must not contain control characters."),
        (DRINK, "Beer", "Must be one of: Tea, Coffee."),
        (DRINK, False, "Must be text."),
        (RULES, "yes", "Must be true or false."),
        (RULES, False, '"I have read the rules." must be checked.'),
        (MOBILE, "call me", "Must be a phone number such as +45 12 34 56 78."),
    ],
)
def test_a_faulty_answer_is_refused_at_its_value(
    question: Question, value: str | bool, detail: str
) -> None:
    assert [("/answers/0/value", detail)] == faults(question, **{question.id: value})


def test_a_missing_answer_is_named_where_it_would_be_added() -> None:
    assert [
        ("/answers/1/value", '"What is it about?" must be answered.'),
        ("/answers/2/value", '"I have read the rules." must be answered.'),
    ] == faults(*ALL, drink="Tea")


def test_a_question_that_is_not_asked_has_no_answer_except_the_number_to_call() -> None:
    assert [("/answers/0/question_id", "This meeting asks no such question.")] == faults(
        shoe_size="44"
    )
    assert [] == faults(phone="+45 12 34 56 78")


def test_a_question_is_answered_once() -> None:
    twice = (*said(topic="The bridge"), *said(topic="The tower"))

    assert ["/answers/1/question_id"] == [each.pointer for each in answer_faults(twice, (TOPIC,))]


def test_answers_keep_their_label_and_stand_in_the_order_of_the_questions() -> None:
    answers = said(phone="+45 1", drink="Tea", topic="The bridge", story=" ")

    assert labelled(answers, ALL) == (
        Answer(question_id="topic", value="The bridge", label="What is it about?"),
        Answer(question_id="drink", value="Tea", label="Tea or coffee?"),
        Answer(question_id="phone", value="+45 1"),
    )


def test_an_unchecked_box_that_is_not_required_is_an_answer() -> None:
    news = replace(RULES, required=False)

    assert labelled(said(rules=False), (news,)) == (
        Answer(question_id="rules", value=False, label="I have read the rules."),
    )


def test_the_number_to_call_may_be_a_question_of_the_organizer() -> None:
    number = Question(id="phone", label="At which number?", kind="phone", required=True)
    they_call = Phone("organizer")

    answered = asked(replace(VERA, answers=said(phone="+45 1234")), (number,), they_call)
    with pytest.raises(Invalid) as refused:
        asked(VERA, (number,), they_call)

    assert "At which number?" == answered.answers[0].label
    assert ["/answers/0/value"] == [each.pointer for each in refused.value.faults]


def test_the_same_answers_are_the_same_whatever_their_order_and_label() -> None:
    confirmed = asked(replace(VERA, answers=said(rules=True, topic="Bridge")), ALL, OFFICE)

    refuse_if_other(replace(VERA, answers=said(topic="Bridge", rules=True, story="")), confirmed)
    with pytest.raises(StateConflict):
        refuse_if_other(replace(VERA, answers=said(topic="Tower", rules=True)), confirmed)


@pytest.mark.parametrize(
    ("question", "pointer"),
    [
        (replace(TOPIC, id=""), "/questions/0/id"),
        (replace(TOPIC, id="what is it?"), "/questions/0/id"),
        (replace(TOPIC, id="x" * 65), "/questions/0/id"),
        (replace(TOPIC, id="phone"), "/questions/0/id"),
        (replace(TOPIC, label=" "), "/questions/0/label"),
        (replace(TOPIC, label="x" * 201), "/questions/0/label"),
        (replace(TOPIC, label="\u202e?"), "/questions/0/label"),
        (replace(TOPIC, choices=("Tea",)), "/questions/0/choices"),
        (replace(DRINK, choices=()), "/questions/0/choices"),
        (replace(DRINK, choices=("Tea", "Tea")), "/questions/0/choices"),
        (replace(DRINK, choices=tuple(map(str, range(51)))), "/questions/0/choices"),
        (replace(DRINK, choices=("Tea", "")), "/questions/0/choices/1"),
    ],
)
def test_a_faulty_question_is_refused_at_its_field(question: Question, pointer: str) -> None:
    assert [pointer] == [each.pointer for each in questions_faults("/questions", (question,))]


def test_there_are_at_most_20_questions_each_with_its_own_id() -> None:
    many = [replace(TOPIC, id=f"topic-{number}") for number in range(21)]

    assert [] == list(questions_faults("/questions", many[:20]))
    assert ["/questions"] == [each.pointer for each in questions_faults("/questions", many)]
    assert ["/questions/1/id"] == [
        each.pointer for each in questions_faults("/questions", (TOPIC, DRINK, TOPIC)[::2])
    ]
