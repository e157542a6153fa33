"""What an attendee must say about themselves, and what is said about what is wrong."""

from dataclasses import replace
from typing import Any

import pytest

from services.booking.domain.attendee import Answer, Attendee, refuse_if_faulty
from services.booking.domain.refusals import Invalid

VERA = Attendee(
    name="Vera Visitor", email="vera@visitors.example", time_zone="America/New_York", locale="en"
)


def faults(**changes: Any) -> list[tuple[str, str]]:
    """Return the pointer and the detail of each fault that Vera has after the changes."""
    with pytest.raises(Invalid) as refused:
        refuse_if_faulty(replace(VERA, **changes))
    return [(fault.pointer, fault.detail) for fault in refused.value.faults]


def answer(question_id: str = "topic", value: str | bool = "Bridges") -> Answer:
    return Answer(question_id=question_id, value=value)


@pytest.mark.parametrize(
    "attendee",
    [
        VERA,
        replace(VERA, time_zone=None),
        replace(VERA, name="x" * 200),
        replace(VERA, answers=(answer(), answer(value=""), answer(value=True))),
        replace(VERA, answers=(answer("q" * 200, "x" * 4000),)),
        replace(VERA, answers=(answer(value="first line\nsecond line"),)),
        replace(VERA, answers=(answer(),) * 50),
    ],
)
def test_an_attendee_within_all_limits_is_accepted(attendee: Attendee) -> None:
    refuse_if_faulty(attendee)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"name": " "}, ("/attendee/name", "Must not be empty.")),
        ({"name": "x" * 201}, ("/attendee/name", "Must have at most 200 characters.")),
        (
            {"email": "vera"},
            ("/attendee/email", "Must be a mail address such as name@example.org."),
        ),
        ({"locale": "?"}, ("/attendee/locale", "Must be a language tag such as en or da-DK.")),
        ({"answers": (answer(),) * 51}, ("/answers", "Must be at most 50 answers.")),
        ({"answers": (answer(""),)}, ("/answers/0/question_id", "Must not be empty.")),
        (
            {"answers": (answer(), answer("q" * 201))},
            ("/answers/1/question_id", "Must have at most 200 characters."),
        ),
        (
            {"answers": (answer(value=True), answer(value="x" * 4001))},
            ("/answers/1/value", "Must have at most 4000 characters."),
        ),
        (
            {"answers": (answer(value="\x07"),)},
            ("/answers/0/value", "Must not contain control characters."),
        ),
    ],
)
def test_an_attendee_beyond_a_limit_is_refused_at_the_field(
    changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    assert [fault] == faults(**changes)


def test_all_faults_of_an_attendee_are_named_at_once() -> None:
    wrong = faults(name="", email="", locale="", answers=(answer("", "\x00"),))

    assert [
        "/attendee/name",
        "/attendee/email",
        "/attendee/locale",
        "/answers/0/question_id",
        "/answers/0/value",
    ] == [pointer for pointer, _ in wrong]
