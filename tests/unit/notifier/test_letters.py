"""Contract events about bookings become letters to both parties."""

import json
from dataclasses import replace
from typing import Any

import pytest

from contracts.booking import BookingCancelled, BookingConfirmed, BookingRescheduled
from contracts.generators.samples import samples
from contracts.values import InPerson, Location, Online, Phone
from services.calendar_entry import details
from services.notifier.domain.delivery import Kind
from services.notifier.domain.letters import Letter, Slot
from services.notifier.domain.parties import Attendee, Organizer
from services.notifier.letters import CONTRACTS, BookingEvent, letter_of, stored_event

URL = "https://bookwith.example/m/bwm_x"
VISITOR = Attendee(
    name="Søs Ærø",
    email="soes@visitor.example",
    time_zone="Asia/Tokyo",
    locale="ja",
    change_reason="A storm",
)
ORGANIZER = Organizer(locale="da")


def sample(kind: Kind, **changes: Any) -> BookingEvent:
    for event in samples():
        if isinstance(event, CONTRACTS[kind]):
            return event.model_copy(update=changes)
    raise AssertionError(f"there is no sample of {kind}")


def written(kind: Kind, **changes: Any) -> Letter:
    given: dict[str, Any] = {
        "recipient": "attendee",
        "attendee": VISITOR,
        "organizer": ORGANIZER,
    } | changes
    return letter_of(
        kind=kind, event=given.pop("event", None) or sample(kind), manage_url=URL, **given
    )


@pytest.mark.parametrize("kind", CONTRACTS)
def test_an_event_stored_as_json_is_read_back_unchanged(kind: Kind) -> None:
    event = sample(kind)

    assert stored_event(kind, json.loads(event.model_dump_json())) == event


@pytest.mark.parametrize("kind", CONTRACTS)
def test_a_letter_describes_the_meeting_of_its_event(kind: Kind) -> None:
    event = sample(kind)
    meeting = written(kind).meeting

    assert (meeting.booking_id, meeting.uid) == (event.booking_id, event.uid)
    assert (meeting.ics_sequence, meeting.title) == (event.ics_sequence, event.title)
    assert (meeting.slot.start, meeting.slot.end) == (event.start, event.end)
    assert (meeting.organizer.email, meeting.attendee.email) == (
        event.organizer.email,
        VISITOR.email,
    )


def test_each_party_reads_their_own_language_and_clock() -> None:
    event = sample("confirmation")
    to_organizer = written("confirmation", recipient="organizer")

    assert (written("change").locale, written("change").time_zone) == ("ja", "Asia/Tokyo")
    assert to_organizer.locale == "da"
    assert to_organizer.time_zone == event.organizer.time_zone


def test_a_page_locked_to_its_zone_shows_that_zone_to_the_attendee() -> None:
    locked = replace(ORGANIZER, time_zone_locked=True)

    assert (
        written("confirmation", organizer=locked).time_zone
        == sample("confirmation").organizer.time_zone
    )


@pytest.mark.parametrize("kind", CONTRACTS)
def test_only_the_attendee_gets_the_address_that_opens_the_booking(kind: Kind) -> None:
    assert written(kind).manage_url == URL
    assert written(kind, recipient="organizer").manage_url is None


def test_a_confirmation_gives_no_reason_and_a_change_gives_old_time_and_reason() -> None:
    moved = sample("change")
    assert isinstance(moved, BookingRescheduled)
    change = written("change")

    assert written("confirmation").change_reason is None
    assert (change.change_reason, change.by) == ("A storm", moved.by)
    assert change.old_slot == Slot(moved.from_.start, moved.from_.end)
    assert written("cancellation").old_slot is None
    assert written("cancellation").change_reason == "A storm"


@pytest.mark.parametrize(
    ("published", "shown"),
    [
        (InPerson(address="Bridge Street 7"), details.InPerson("Bridge Street 7")),
        (Phone(who_calls="attendee", number="+45 1"), details.Phone("attendee", "+45 1")),
        (Online(provider="jitsi"), details.Online()),
    ],
)
def test_a_letter_shows_the_location_of_the_event(
    published: Location, shown: details.Place
) -> None:
    event = sample("confirmation", location=published)

    assert written("confirmation", event=event).meeting.location == shown


def test_each_kind_of_letter_has_its_event_about_a_booking() -> None:
    assert set(CONTRACTS.values()) == {BookingConfirmed, BookingRescheduled, BookingCancelled}
