"""Extending a hold: once, in time, never past the meeting's beginning."""

import pytest

from services.booking.domain import booking
from services.booking.domain.booking import ExtendHold, HoldExtended
from services.booking.domain.refusals import HoldOver, StateConflict
from tests.builders import TUESDAY, after, confirm, confirmed, meeting, reserved
from tests.specification import specification

given = specification(booking.DECIDER)

EXTENDED = HoldExtended(slot=TUESDAY, expires_at=after(minutes=9))


def extend(minutes: float = 9, at: float = 4) -> ExtendHold:
    """Return the wish for so many minutes, made after others."""
    return ExtendHold(expires_at=after(minutes=minutes), at=after(minutes=at))


def test_a_hold_is_extended_to_a_later_deadline() -> None:
    given(reserved()).when(extend()).then(EXTENDED)


def test_an_extended_hold_is_held_and_confirmed_until_its_new_deadline() -> None:
    state = booking.DECIDER.fold([reserved(), EXTENDED])

    assert "held" == booking.status(state, after(minutes=8))
    assert "released" == booking.status(state, after(minutes=9))
    given(reserved(), EXTENDED).when(confirm(at=after(minutes=8))).then(
        confirmed(meeting=meeting())
    )


def test_a_hold_is_extended_once() -> None:
    given(reserved(), EXTENDED).when(extend(minutes=13, at=8)).refused(StateConflict)


def test_a_hold_past_its_deadline_is_not_extended() -> None:
    given(reserved()).when(extend(minutes=10, at=5)).refused(HoldOver)


def test_a_hold_is_never_extended_past_the_beginning_of_its_meeting() -> None:
    far = ExtendHold(expires_at=after(days=5), at=after(minutes=1))

    given(reserved()).when(far).then(HoldExtended(slot=TUESDAY, expires_at=TUESDAY.start))


@pytest.mark.parametrize("minutes", [4.5, 5])
def test_an_extension_that_adds_nothing_is_refused(minutes: float) -> None:
    given(reserved()).when(extend(minutes=minutes)).refused(StateConflict)


def test_a_confirmed_booking_has_no_hold_to_extend() -> None:
    given(reserved(), confirmed()).when(extend()).refused(StateConflict)
    assert booking.DECIDER.fold([reserved(), confirmed(), EXTENDED]) == booking.DECIDER.fold(
        [reserved(), confirmed()]
    )
