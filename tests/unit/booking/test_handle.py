"""Handles: whom nobody may pretend to be."""

import pytest

from services.booking.domain.handle import handle_faults, look_of


@pytest.mark.parametrize(
    "handle",
    [
        "ceo",
        "hr",
        "payroll",
        "noreply",
        "no-reply",
        "hostmaster",
        "adm1n",
        "4dm1n",
        "supp0rt",
        "s-u-p-p-o-r-t",
        "b00kwith",
        "p0stmaster",
        "adrnin",
        "vvebmaster",
    ],
)
def test_a_handle_that_reads_like_an_office_is_refused(handle: str) -> None:
    assert ["/handle"] == [fault.pointer for fault in handle_faults(handle)]


@pytest.mark.parametrize("handle", ["xn--nna-gla", "\u0430nna", "änna", "anna\u200b", "an.na"])
def test_a_handle_of_another_alphabet_is_refused(handle: str) -> None:
    assert ["/handle"] == [fault.pointer for fault in handle_faults(handle)]


@pytest.mark.parametrize(
    "handle", ["anna", "organizer-31", "user-5", "test-1", "chris", "3rd-floor"]
)
def test_a_handle_of_a_person_is_taken(handle: str) -> None:
    assert [] == list(handle_faults(handle))


@pytest.mark.parametrize(
    ("one", "other"), [("anna-1", "anna-l"), ("bob", "b0b"), ("bjorn", "bjom"), ("vvim", "wirn")]
)
def test_handles_that_nobody_can_tell_apart_have_one_look(one: str, other: str) -> None:
    assert look_of(one) == look_of(other)
    assert look_of("anna") != look_of("anne")
