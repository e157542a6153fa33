"""Every event of booking goes into the store as JSON and comes out as it was."""

from collections import Counter
from datetime import timedelta
from typing import get_args

import pytest
from pydantic import TypeAdapter

from services.booking.domain import booking, meeting_type, offer, page, private_link
from services.booking.domain.date_overrides import DateOverride
from services.booking.domain.location import Online, Phone
from services.booking.domain.offer import OfferMade, OfferWithdrawn
from services.booking.domain.online_meeting import OnlineMeeting
from services.booking.domain.page_email import PageEmailRequested, PageEmailRequestEnded
from services.booking.domain.question import Question
from services.booking.domain.weekly_hours import WeeklyHours
from tests.builders import (
    ANNA,
    COFFEE_TYPE,
    FIRST_BOOKING,
    NOW,
    TUESDAY,
    WEDNESDAY,
    asked_to_move,
    cancelled,
    confirmed,
    declined,
    limits,
    link_issued,
    meeting,
    move_awaits_approval,
    move_reserved,
    profile,
    requested,
    rescheduled,
    reserved,
    reserved_again,
    settings,
    terms,
    unverified,
)

Event = page.Event | meeting_type.Event | private_link.Event | offer.Event | booking.Event

JITSI = Online("jitsi", "https://meet.bridges.example/{booking_id}")
HOURS = WeeklyHours(mon=(("09:00", "12:00"), ("13:00", "17:00")), fri=(("22:00", "02:00"),))

EVENTS: list[Event] = [
    page.PageCreated(ANNA, profile()),
    page.PageChanged(ANNA, profile(time_zone_locked=True)),
    page.PagePublished(),
    page.PageUnpublished(),
    page.PageAddressRenewed("anna-of-bridges", NOW),
    PageEmailRequested(
        request_id=FIRST_BOOKING, requested_at=NOW, expires_at=NOW + timedelta(days=1)
    ),
    PageEmailRequestEnded(request_id=FIRST_BOOKING, reason="proven", ended_at=NOW),
    page.PageRegularHoursChanged(WeeklyHours(mon=(("08:00", "12:00"), ("13:00", "16:00")))),
    page.PageOnlineMeetingChanged(
        OnlineMeeting(provider="jitsi", url_template="https://meet.example/{booking_id}")
    ),
    page.PageAllowed(),
    page.PageDenied("ews_on"),
    meeting_type.MeetingTypeCreated(
        organizer_id=ANNA, organizer_time_zone="Europe/Copenhagen", settings=settings(), revision=1
    ),
    meeting_type.MeetingTypeChanged(
        organizer_id=ANNA,
        organizer_time_zone="Europe/Copenhagen",
        settings=settings(location=JITSI, hours="custom", weekly_hours=HOURS),
        revision=2,
    ),
    meeting_type.MeetingTypeChanged(
        organizer_id=ANNA,
        organizer_time_zone="Europe/Copenhagen",
        settings=settings(location=Phone("attendee", "+45 12 34 56 78")),
        revision=3,
    ),
    meeting_type.MeetingTypeChanged(
        organizer_id=ANNA,
        organizer_time_zone="Europe/Copenhagen",
        settings=settings(
            more_durations_minutes=(60, 90),
            more_locations=(Phone("organizer"), JITSI),
            date_overrides=(DateOverride("2026-12-24"), DateOverride("2026-12-31", HOURS.fri)),
            buffer_before_minutes=10,
            questions=(
                Question(id="drink", label="?", kind="choice", required=True, choices=("Tea",)),
            ),
            reminders=(meeting_type.Reminder(minutes_before=60, to="both", text="Soon"),),
            approval_required=True,
            max_per_day=3,
            colour="#1a73e8",
            enabled=False,
            change_cutoff_minutes=0,
        ),
        revision=4,
    ),
    meeting_type.MeetingTypeDeleted(),
    link_issued(max_uses=None),
    link_issued(for_addressees=True, not_before=NOW, duration_minutes=20),
    private_link.PrivateLinkIssued(
        organizer_id=ANNA, meeting_type_id=COFFEE_TYPE, limits=limits(), offer_id=FIRST_BOOKING
    ),
    private_link.PrivateLinkChanged(COFFEE_TYPE, limits(max_uses=3)),
    OfferMade(
        organizer_id=ANNA,
        meeting_type_id=COFFEE_TYPE,
        link_id=FIRST_BOOKING,
        slots=(TUESDAY,),
        held=True,
        expires_at=NOW,
    ),
    OfferWithdrawn(meeting_type_id=COFFEE_TYPE, link_id=FIRST_BOOKING),
    private_link.LinkUseTaken(FIRST_BOOKING),
    private_link.LinkUseReturned(FIRST_BOOKING),
    private_link.LinkUseConsumed(FIRST_BOOKING),
    private_link.LinkExpired(meeting_type_id=COFFEE_TYPE, reason="ttl", expired_at=NOW),
    reserved(revision=3),
    move_reserved(),
    booking.SlotReleased(
        organizer_id=ANNA, slot=TUESDAY, reason="policy_disabled", purpose="reschedule"
    ),
    booking.HoldExtended(slot=TUESDAY, expires_at=NOW),
    confirmed(),
    confirmed(meeting=meeting(link_id=None, terms=terms(location=JITSI, join_url="https://x.y/"))),
    rescheduled(),
    cancelled(by="administrator"),
    unverified(),
    reserved_again(),
    booking.AddressVerified(meeting=meeting(), slot=TUESDAY),
    booking.BookingLapsed(meeting=meeting(), slot=TUESDAY, reason="taken"),
    requested(),
    declined(by=None, reason="timeout"),
    booking.RequestRescheduled(
        meeting=meeting(), old=TUESDAY, new=WEDNESDAY, by="attendee", expires_at=NOW
    ),
    confirmed(by="organizer", approved_by=ANNA),
    move_awaits_approval(),
    booking.RescheduleDeclined(
        meeting=meeting(),
        slot=TUESDAY,
        wanted=WEDNESDAY,
        by="organizer",
        reason="declined",
        ics_sequence=0,
    ),
    asked_to_move(),
    booking.BookingDetailsChanged(
        meeting=meeting(),
        slot=TUESDAY,
        changed=("name", "answers"),
        by="attendee",
        ics_sequence=1,
        confirmed=True,
    ),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_comes_back_as_it_was(event: Event) -> None:
    adapter = TypeAdapter[Event](type(event))

    assert event == adapter.validate_json(adapter.dump_json(event))


def test_no_event_is_left_out() -> None:
    assert set(get_args(Event)) == {type(event) for event in EVENTS}


def test_no_two_events_have_the_same_name() -> None:
    names = Counter(kind.__name__ for kind in get_args(Event))

    assert dict.fromkeys(names, 1) == names


def test_an_instant_is_stored_in_utc() -> None:
    stored = TypeAdapter(booking.SlotReserved).dump_python(reserved(), mode="json")

    assert stored["slot"]["start"] == "2026-03-03T10:00:00Z"
