"""Contract events become letters, outcomes become contract events, and nothing is lost between."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.booking import BookingCancelled, BookingConfirmed, BookingRescheduled
from contracts.event import ContractEvent
from contracts.generators.samples import NOW, samples
from contracts.notifier import MailDelayed, MailFailed, MailSent
from contracts.values import InPerson, Location, Online, Phone
from services.notifier.domain import letters
from services.notifier.domain.attempts import Delayed, Failed, Outcome, Overtaken, Sent
from services.notifier.domain.delivery import Kind
from services.notifier.domain.letters import Letter
from services.notifier.domain.parties import Attendee, Organizer
from services.notifier.translate import CONTRACTS, AboutBooking, letter, stored, told

URL = "https://bookwith.example/m/bwm_x"
VISITOR = Attendee("Søs Ærø", "soes@visitor.example", "Asia/Tokyo", "ja", "A storm")
ORGANIZER = Organizer("da")
ABOUT = {
    "booking_id": UUID(int=1),
    "organizer_id": UUID(int=2),
    "recipient": "attendee",
    "kind": "change",
    "ics_sequence": 3,
    "message_id": "<a@b>",
    "attempt": 4,
}


def sample(kind: Kind, **changes: Any) -> AboutBooking:
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
    return letter(
        kind=kind, event=given.pop("event", None) or sample(kind), manage_url=URL, **given
    )


@pytest.mark.parametrize("kind", CONTRACTS)
def test_an_event_that_was_kept_as_json_is_the_same_event(kind: Kind) -> None:
    event = sample(kind)

    assert stored(kind, json.loads(event.model_dump_json())) == event


@pytest.mark.parametrize("kind", CONTRACTS)
def test_a_letter_is_about_the_meeting_as_the_event_tells_it(kind: Kind) -> None:
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
    assert change.old_slot == letters.Slot(moved.from_.start, moved.from_.end)
    assert written("cancellation").old_slot is None
    assert written("cancellation").change_reason == "A storm"


@pytest.mark.parametrize(
    ("told_as", "shown_as"),
    [
        (InPerson(address="Bridge Street 7"), letters.InPerson("Bridge Street 7")),
        (Phone(who_calls="attendee", number="+45 1"), letters.Phone("attendee", "+45 1")),
        (Online(provider="jitsi"), letters.Online()),
    ],
)
def test_a_location_keeps_what_a_letter_shows(
    told_as: Location, shown_as: letters.Location
) -> None:
    event = sample("confirmation", location=told_as)

    assert written("confirmation", event=event).meeting.location == shown_as


@pytest.mark.parametrize(
    ("outcome", "kind", "more"),
    [
        (Sent(), MailSent, {"sent_at": NOW}),
        (
            Delayed("temporary", 451),
            MailDelayed,
            {"cause": "temporary", "next_attempt_at": NOW + timedelta(seconds=8)},
        ),
        (Failed("refused", 554), MailFailed, {"cause": "refused", "failed_at": NOW}),
    ],
)
def test_an_outcome_is_told_with_the_mail_that_it_is_about(
    outcome: Outcome, kind: type[ContractEvent], more: dict[str, Any]
) -> None:
    event = told(outcome, ABOUT, NOW, NOW + timedelta(seconds=8))

    assert event == kind(**ABOUT, **more)


def test_of_an_overtaken_letter_nobody_is_told() -> None:
    assert told(Overtaken(), ABOUT, NOW, NOW) is None


def test_the_three_kinds_of_letter_are_the_three_events_about_a_booking() -> None:
    assert set(CONTRACTS.values()) == {BookingConfirmed, BookingRescheduled, BookingCancelled}
