"""What is held about an attendee: given what happened, when somebody asks or erases, then."""

from datetime import datetime, timedelta
from typing import Any, get_args
from uuid import UUID

import pytest

from services.booking.domain.held_data import (
    DECIDER,
    Command,
    DataErased,
    DataRequested,
    Erased,
    EraseData,
    Event,
    Kept,
    RequestData,
    opens,
)
from services.chassis.events.codec import Codec
from tests.builders import FIRST_BOOKING, NOW
from tests.specification import specification

given = specification(DECIDER)

HOUR = timedelta(hours=1)
FIRST, SECOND, THIRD, FOURTH = (UUID(int=number) for number in range(1, 5))
ERASURE = UUID(int=9)


def request(request_id: UUID = FIRST, at: datetime = NOW) -> RequestData:
    return RequestData(request_id=request_id, expires_at=at + HOUR, at=at)


def requested(request_id: UUID = FIRST, at: datetime = NOW) -> DataRequested:
    return DataRequested(request_id=request_id, requested_at=at, expires_at=at + HOUR)


def erase(**changes: Any) -> EraseData:
    asked: dict[str, Any] = {
        "booking_id": FIRST_BOOKING,
        "erasure_id": ERASURE,
        "by": "attendee",
        "at": NOW,
    }
    return EraseData(**{**asked, **changes})


ERASED = DataErased(booking_id=FIRST_BOOKING, erasure_id=ERASURE, by="attendee", at=NOW)


def minutes(count: int) -> datetime:
    return NOW + timedelta(minutes=count)


def test_whoever_asks_is_mailed_a_link() -> None:
    given().when(request()).then(requested())


def test_the_same_request_once_more_mails_nothing() -> None:
    given(requested()).when(request(at=minutes(1))).then()


def test_the_fourth_request_of_an_hour_mails_nothing_and_after_the_hour_it_does() -> None:
    happened = [requested(each, minutes(n)) for n, each in enumerate((FIRST, SECOND, THIRD))]

    given(*happened).when(request(FOURTH, minutes(59))).then()
    given(*happened).when(request(FOURTH, minutes(60))).then(requested(FOURTH, minutes(60)))


def test_what_a_link_has_about_its_addressee_is_erased_with_the_link_if_nobody_else_has_it() -> (
    None
):
    of_link: dict[str, Any] = {"booking_id": None, "link_id": FIRST, "link_ends": True}
    erased = DataErased(**of_link, erasure_id=ERASURE, by="attendee", at=NOW)

    given(requested()).when(erase(**of_link)).then(erased)


def test_data_is_erased_once() -> None:
    given().when(erase()).then(ERASED)
    given(ERASED).when(erase(erasure_id=FIRST, by="administrator")).then()


def test_who_is_erased_is_mailed_nothing() -> None:
    given(ERASED).when(request()).then()


def test_only_the_newest_link_opens_until_it_expires_after_the_erasure_too() -> None:
    happened: list[Event] = [requested(FIRST), requested(SECOND, minutes(1)), ERASED]
    state = DECIDER.fold(happened)

    assert isinstance(state, Erased)
    assert not opens(state, FIRST, minutes(2))
    assert opens(state, SECOND, minutes(60))
    assert not opens(state, SECOND, minutes(61))
    assert not opens(Kept(), FIRST, NOW)


def test_of_many_requests_the_newest_are_remembered() -> None:
    many = [requested(UUID(int=n), minutes(n * 30)) for n in range(1, 9)]

    assert DECIDER.fold(many) == Kept(requests=tuple(many[-3:]))


@pytest.mark.parametrize("event", [requested(), ERASED], ids=lambda each: type(each).__name__)
def test_each_event_comes_out_of_the_store_as_it_was(event: Event) -> None:
    codec = Codec(Event)

    assert event == codec.decode(*codec.encode(event))


def test_every_pair_of_state_and_command_is_answered() -> None:
    states = [Kept(), Kept(requests=(requested(),)), DECIDER.fold([ERASED])]
    commands: dict[type, Command] = {RequestData: request(SECOND), EraseData: erase()}

    assert set(get_args(Command)) == set(commands)
    assert [
        [len(DECIDER.decide(state, command)) for command in commands.values()] for state in states
    ] == [[1, 1], [1, 1], [0, 0]]
