"""What an attendee must say about themselves, and what is said about what is wrong."""

from dataclasses import replace
from typing import Any

import pytest

from services.booking.domain.answers import Answer, phone_in
from services.booking.domain.attendee import (
    Attendee,
    asked,
    needs_phone,
    refuse_if_faulty,
    refuse_if_other,
)
from services.booking.domain.location import InPerson, Location, Online, Phone
from services.booking.domain.refusals import Invalid, StateConflict

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


THEY_CALL = Phone("organizer")
NUMBER = answer("phone", "+45 12 34 56 78")


@pytest.mark.parametrize(
    "location", [InPerson("Bridge Street 7"), Phone("attendee", "+45 1"), Online("url")]
)
def test_a_number_is_asked_for_only_where_the_organizer_calls(location: Location) -> None:
    assert VERA == asked(VERA, (), location)
    assert not needs_phone(location)


def test_whom_the_organizer_calls_must_give_a_number_and_all_faults_are_named_at_once() -> None:
    nameless = replace(VERA, name="")

    with pytest.raises(Invalid) as refused:
        asked(nameless, (), THEY_CALL)

    assert needs_phone(THEY_CALL)
    assert [
        ("/attendee/name", "Must not be empty."),
        ("/attendee/phone", "Must be given: the organizer calls this number."),
    ] == [(fault.pointer, fault.detail) for fault in refused.value.faults]


def test_a_number_that_is_given_must_be_one_wherever_the_meeting_is() -> None:
    asked(replace(VERA, answers=(NUMBER,)), (), THEY_CALL)

    assert "+45 12 34 56 78" == phone_in((answer(), NUMBER))
    assert phone_in((answer(),)) is None
    assert [("/attendee/phone", "Must be a phone number such as +45 12 34 56 78.")] == faults(
        answers=(answer("phone", "call me"),)
    )


@pytest.mark.parametrize(
    "changes", [{"name": "Bo"}, {"email": "bo@visitors.example"}, {"answers": (answer(),)}]
)
def test_a_booking_is_not_confirmed_again_for_somebody_else(changes: dict[str, Any]) -> None:
    refuse_if_other(replace(VERA, locale="da", time_zone=None), VERA)

    with pytest.raises(StateConflict):
        refuse_if_other(replace(VERA, **changes), VERA)
