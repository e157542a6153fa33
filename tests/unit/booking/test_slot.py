"""A slot, and until when an attendee may ask for it, move it or cancel it."""

from datetime import datetime, timedelta

import pytest

from services.booking.domain.refusals import ChangeTooLate
from services.booking.domain.slot import (
    Notice,
    Slot,
    is_too_late,
    last_change,
    reasons_against,
    refuse_if_too_late,
)
from tests.builders import NOTICE, NOW, TUESDAY, after

INSTANT = timedelta(microseconds=1)
NO_NOTICE = Notice(min_lead_minutes=0, max_lead_minutes=1440, cutoff_minutes=0)
CUT_OFF = TUESDAY.start - timedelta(hours=2)


def starting(start: datetime) -> Slot:
    return Slot(start, start + timedelta(minutes=45))


def test_a_slot_keeps_its_length_when_it_starts_at_another_time() -> None:
    assert Slot(after(days=5), after(days=5, minutes=45)) == TUESDAY.starting_at(after(days=5))


@pytest.mark.parametrize(
    ("start", "reasons"),
    [
        (NOW - INSTANT, ("in_the_past",)),
        (NOW, ("in_the_past",)),
        (NOW + INSTANT, ("minimum_lead",)),
        (after(hours=2) - INSTANT, ("minimum_lead",)),
        (after(hours=2), ()),
        (after(days=60) - INSTANT, ()),
        (after(days=60), ("horizon",)),
    ],
)
def test_an_attendee_asks_for_a_start_from_the_minimum_lead_up_to_the_horizon(
    start: datetime, reasons: tuple[str, ...]
) -> None:
    assert reasons == reasons_against(starting(start), "attendee", NOW, NOTICE)


@pytest.mark.parametrize(
    ("start", "reasons"),
    [
        (NOW, ("in_the_past",)),
        (NOW + INSTANT, ()),
        (after(days=600), ()),
    ],
)
def test_an_organizer_asks_for_any_start_that_is_not_past(
    start: datetime, reasons: tuple[str, ...]
) -> None:
    assert reasons == reasons_against(starting(start), "organizer", NOW, NOTICE)


def test_the_last_change_is_the_cut_off_before_the_start() -> None:
    assert last_change(TUESDAY, NOTICE) == CUT_OFF


def test_it_is_too_late_to_change_a_meeting_from_just_after_the_cut_off() -> None:
    assert not is_too_late(TUESDAY, NOTICE, CUT_OFF)
    assert is_too_late(TUESDAY, NOTICE, CUT_OFF + INSTANT)


def test_without_a_cut_off_it_is_too_late_when_the_meeting_begins() -> None:
    assert not is_too_late(TUESDAY, NO_NOTICE, TUESDAY.start - INSTANT)
    assert is_too_late(TUESDAY, NO_NOTICE, TUESDAY.start)


def test_only_an_attendee_is_refused_a_late_change_and_learns_until_when_it_was_possible() -> None:
    refuse_if_too_late(TUESDAY, "attendee", NOTICE, CUT_OFF)
    refuse_if_too_late(TUESDAY, "organizer", NOTICE, CUT_OFF + INSTANT)
    refuse_if_too_late(TUESDAY, "administrator", NOTICE, CUT_OFF + INSTANT)
    with pytest.raises(ChangeTooLate) as refused:
        refuse_if_too_late(TUESDAY, "attendee", NOTICE, CUT_OFF + INSTANT)

    assert refused.value.until == CUT_OFF
