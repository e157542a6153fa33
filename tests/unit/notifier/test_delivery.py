"""Which deliveries an event causes, which are still sent, under what id."""

from itertools import product
from typing import get_args
from uuid import UUID

import pytest

from services.notifier.domain.delivery import (
    RECIPIENTS,
    Delivery,
    Kind,
    Newest,
    Recipient,
    is_overtaken,
    message_id,
)
from tests.letters import BOOKING, letter

OTHER = UUID("0199a1f0-0000-7000-8000-0000000000aa")


@pytest.mark.parametrize("recipient", ["attendee", "organizer"])
@pytest.mark.parametrize(
    ("kind", "written_at", "current", "cancelled", "expected"),
    [
        ("confirmation", 0, 0, False, False),
        ("confirmation", 0, 1, False, True),
        ("confirmation", 0, 1, True, True),
        ("change", 1, 1, False, False),
        ("change", 1, 2, False, True),
        ("change", 2, 2, True, True),
        ("change", 2, 3, True, True),
        ("cancellation", 1, 1, True, False),
        ("cancellation", 1, 9, True, False),
        # The copy of the booking may be older than the letter, which is then not overtaken.
        ("change", 2, 1, False, False),
    ],
)
def test_a_request_is_overtaken_by_any_later_version_and_a_cancellation_by_none(
    recipient: Recipient, kind: Kind, written_at: int, current: int, cancelled: bool, expected: bool
) -> None:
    delivery = Delivery(BOOKING, written_at, recipient, kind)

    assert expected == is_overtaken(delivery, Newest(ics_sequence=current, cancelled=cancelled))


@pytest.mark.parametrize("kind", ["request", "request_change", "verification", "ask"])
@pytest.mark.parametrize(
    ("version", "cancelled", "expected"),
    [(2, False, False), (3, False, True), (2, True, True), (1, False, False)],
)
def test_a_letter_that_asks_is_overtaken_by_what_has_happened_since(
    kind: Kind, version: int, cancelled: bool, expected: bool
) -> None:
    newest = Newest(ics_sequence=0, cancelled=cancelled, version=version)

    assert expected == is_overtaken(Delivery(BOOKING, 0, "attendee", kind, 2), newest)


@pytest.mark.parametrize("kind", ["decline", "lapse"])
def test_that_a_request_has_ended_is_always_told(kind: Kind) -> None:
    newest = Newest(ics_sequence=9, cancelled=True, version=9)

    assert not is_overtaken(Delivery(BOOKING, 0, "attendee", kind, 2), newest)


def test_a_second_letter_of_a_kind_about_the_same_entry_is_another_delivery() -> None:
    first, second = (Delivery(BOOKING, 0, "attendee", "ask", version) for version in (3, 5))

    assert message_id(first, "bookwith.example") != message_id(second, "bookwith.example")


def test_every_delivery_always_has_the_same_message_id_of_its_own() -> None:
    keys = [
        Delivery(booking_id, ics_sequence, recipient, kind)
        for booking_id, ics_sequence in product((BOOKING, OTHER), range(12))
        for recipient in RECIPIENTS
        for kind in get_args(Kind)
    ]
    ids = {message_id(key, "bookwith.example") for key in keys}

    assert len(keys) == len(ids)
    assert ids == {message_id(key, "bookwith.example") for key in keys}


def test_a_message_id_names_its_delivery() -> None:
    assert f"<{BOOKING}.2.change.organizer@bookwith.example>" == message_id(
        Delivery(BOOKING, 2, "organizer", "change"), "bookwith.example"
    )


def test_a_letter_knows_its_delivery_and_the_party_that_it_is_about() -> None:
    to_organizer = letter(recipient="organizer", kind="change", ics_sequence=4)

    assert Delivery(BOOKING, 4, "organizer", "change") == to_organizer.delivery
    assert to_organizer.meeting.organizer == to_organizer.addressee
    assert to_organizer.meeting.attendee == to_organizer.counterpart
    assert letter().meeting.attendee == letter().addressee
