"""Streams: an aggregate decides, a change adds events to it, expects a version, or only guards."""

from dataclasses import dataclass
from uuid import UUID

import pytest

from contracts.event import ContractEvent
from services.chassis.events.codec import Codec
from services.chassis.events.decider import Decider
from services.chassis.events.streams import (
    Aggregate,
    Category,
    Change,
    Recorded,
    Stream,
    VersionMismatch,
)
from tests.builders import NOW


@dataclass(frozen=True, slots=True)
class Pay:
    amount: int


@dataclass(frozen=True, slots=True)
class Paid:
    amount: int


class TooMuch(Exception):
    """More than 100 in all is refused."""


def decide(total: int, command: Pay) -> list[Paid]:
    if total + command.amount > 100:
        raise TooMuch
    return [Paid(command.amount)] if command.amount else []


def evolve(total: int, event: Paid) -> int:
    return total + event.amount


def publish(_: Recorded[Paid]) -> ContractEvent:
    raise AssertionError("nothing is published here")


DECIDER = Decider(0, decide, evolve)
ACCOUNT = Category("account", DECIDER, Codec(Paid), publish)
ID = UUID(int=7)
# Loaded with 30 after two events.
LOADED = Aggregate(ACCOUNT.stream(ID), version=2, state=30)


# The decider


def test_a_decider_without_events_is_in_its_initial_state() -> None:
    assert DECIDER.fold([]) == 0


def test_a_decider_folds_events_from_the_beginning_or_from_a_state() -> None:
    events = [Paid(10), Paid(20)]

    assert DECIDER.fold(iter(events)) == 30
    assert DECIDER.fold_from(5, iter(events)) == 35
    assert DECIDER.fold_from(DECIDER.fold(events[:1]), events[1:]) == DECIDER.fold(events)


# Category and stream


def test_a_stream_is_named_after_its_category_and_its_aggregate() -> None:
    assert ACCOUNT.stream(ID) == Stream(ACCOUNT, f"account-{ID}")
    assert ACCOUNT.stream(str(ID)) == ACCOUNT.stream(ID)


def test_the_only_stream_of_a_category_has_the_categorys_name() -> None:
    assert ACCOUNT.stream().name == "account"


def test_a_category_that_names_no_projection_changes_no_read_model() -> None:
    recorded = Recorded(ID, f"account-{ID}", 1, "anna", NOW, Paid(10))

    assert [] == list(ACCOUNT.project(recorded))


@pytest.mark.parametrize(
    ("stream", "subject"), [(f"account-{ID}", str(ID)), ("account", "account")]
)
def test_the_subject_of_an_event_is_its_aggregate(stream: str, subject: str) -> None:
    assert subject == Recorded(ID, stream, 1, "anna", NOW, Paid(10)).subject


# Aggregate


def test_an_aggregate_decides_by_its_state() -> None:
    assert LOADED.decide(Pay(70)) == Change(LOADED, [Paid(70)], ["Pay"])
    with pytest.raises(TooMuch):
        LOADED.decide(Pay(71))


def test_a_guard_has_no_event_and_leaves_the_aggregate_as_it_is() -> None:
    assert tuple(LOADED.guard().events) == ()
    assert LOADED.guard().after == LOADED


# Change


def test_after_a_change_the_aggregate_has_its_events() -> None:
    after = Change(LOADED, [Paid(5), Paid(6)]).after

    assert after == Aggregate(LOADED.stream, version=4, state=41)


def test_a_second_command_is_decided_after_the_events_of_the_first() -> None:
    both = LOADED.decide(Pay(40)).then(Pay(30))

    assert both == Change(LOADED, [Paid(40), Paid(30)], ["Pay", "Pay"])
    assert (both.after.version, both.after.state) == (4, 100)
    with pytest.raises(TooMuch):
        LOADED.decide(Pay(40)).then(Pay(31))


def test_a_second_command_that_causes_nothing_adds_nothing() -> None:
    assert list(LOADED.decide(Pay(40)).then(Pay(0)).events) == [Paid(40)]


@pytest.mark.parametrize("version", [2, None])
def test_a_change_is_made_at_the_version_that_was_read_or_at_any(version: int | None) -> None:
    change = LOADED.decide(Pay(1))

    assert change.expecting(version) is change


@pytest.mark.parametrize("version", [0, 1, 3])
def test_a_change_at_another_version_than_the_one_read_is_refused(version: int) -> None:
    with pytest.raises(VersionMismatch):
        LOADED.decide(Pay(1)).expecting(version)


@pytest.mark.parametrize("version", [0, 1, 2, 3, None])
def test_a_change_without_events_is_done_already_whatever_was_read(version: int | None) -> None:
    nothing = LOADED.decide(Pay(0))

    assert nothing.expecting(version) is nothing
