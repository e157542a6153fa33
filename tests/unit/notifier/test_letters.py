"""Contract events about bookings become letters to both parties."""

import json
from dataclasses import replace
from typing import Any, get_args

import pytest

from contracts.booking import BookingRescheduled
from contracts.generators.samples import samples
from contracts.values import InPerson, Location, Online, Phone
from services.calendar_entry import details
from services.notifier.domain.delivery import LINK_KINDS, Kind
from services.notifier.domain.letters import Letter, Slot
from services.notifier.domain.parties import Attendee, Organizer
from services.notifier.letters import (
    CONTRACTS,
    BookingEvent,
    Urls,
    letter_of,
    recipients_of,
    stored_event,
)

URLS = Urls(manage="https://bookwith.example/m/bwm_x", verify="https://bookwith.example/v/bwv_x")
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
    return letter_of(kind=kind, event=given.pop("event", None) or sample(kind), urls=URLS, **given)


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
    to_attendee, to_organizer = written(kind), written(kind, recipient="organizer")

    # Who has not proven the address gets no more than what proves it.
    proven = kind != "verification"
    assert to_attendee.manage_url == (URLS.manage if proven else None)
    assert to_attendee.verify_url == (None if proven else URLS.verify)
    assert to_organizer.manage_url is None


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


def test_each_kind_of_letter_has_an_event_of_its_own() -> None:
    assert set(CONTRACTS) == set(get_args(Kind)) - LINK_KINDS
    assert len(set(CONTRACTS.values())) == len(CONTRACTS)


@pytest.mark.parametrize(
    ("kind", "changes", "told"),
    [
        ("request", {}, ["attendee", "organizer"]),
        ("verification", {}, ["attendee"]),
        ("ask", {}, ["attendee"]),
        ("lapse", {"reason": "taken"}, ["attendee"]),
        ("lapse", {"reason": "timeout"}, []),
        ("details", {"changed": ("name",)}, ["attendee", "organizer"]),
        ("details", {"changed": ("answers",)}, ["organizer"]),
    ],
)
def test_who_is_told_of_what(kind: Kind, changes: dict[str, Any], told: list[str]) -> None:
    assert told == list(recipients_of(sample(kind, **changes)))


@pytest.mark.parametrize("kind", CONTRACTS)
def test_only_letters_about_a_meeting_that_is_agreed_have_a_calendar_part(kind: Kind) -> None:
    with_one = kind in ("confirmation", "change", "cancellation", "details")

    assert with_one == written(kind).has_calendar
    if kind == "details":
        assert not written(kind, event=sample(kind, confirmed=False)).has_calendar


def test_a_confirmation_says_who_booked() -> None:
    on_behalf = sample("confirmation", by="organizer")

    assert ("attendee", "organizer") == (
        written("confirmation", event=sample("confirmation", by=None)).by,
        written("confirmation", event=on_behalf).by,
    )
