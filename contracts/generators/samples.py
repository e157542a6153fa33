"""One instance of each event, the same on every run: a private booking from page to mail."""

from datetime import timedelta
from typing import Any

from contracts import availability, booking
from contracts.event import ContractEvent
from contracts.generators.calendar_samples import calendars
from contracts.generators.offer_samples import offers
from contracts.generators.people_samples import (
    attendees,
    mails,
    policies,
    policies_for_everybody,
    recipients,
)
from contracts.generators.sample_values import (
    ATTENDEE,
    BOOKING,
    HALF_AN_HOUR,
    LINK,
    MEETING_TYPE,
    MOVED,
    NOW,
    ORGANIZER,
    START,
)
from contracts.values import InPerson, Online, OrganizerContact, Period, Reason


def samples() -> tuple[ContractEvent, ...]:
    """Return one instance of each event in the registry."""
    return (
        *_pages(),
        *_meeting_types(),
        *_links(),
        *_slots(),
        *_bookings(),
        *attendees(),
        *mails(),
        *policies(),
        booking.PageOnlineMeetingChanged(
            organizer_id=ORGANIZER,
            provider="jitsi",
            url_template="https://meet.example.com/{booking_id}",
            enabled=True,
        ),
        *_requests(),
        *offers(),
        *recipients(),
        *policies_for_everybody(),
        booking.PageRegularHoursChanged(
            organizer_id=ORGANIZER,
            weekly_hours=booking.WeeklyHours(mon=(("08:00", "12:00"), ("13:00", "16:00"))),
        ),
        *calendars(),
    )


def _pages() -> tuple[ContractEvent, ...]:
    page: dict[str, Any] = {
        "organizer_id": ORGANIZER,
        "display_name": "Anna Ø. Example",
        "email": "anna@example.com",
        "time_zone": "Europe/Copenhagen",
        "locale": "da",
    }
    return (
        booking.PageCreated(**page, handle="anna", time_zone_locked=False),
        booking.PageChanged(**page, handle="anna", time_zone_locked=True),
        booking.PagePublished(organizer_id=ORGANIZER),
        booking.PageUnpublished(organizer_id=ORGANIZER),
        booking.PageAddressRenewed(organizer_id=ORGANIZER, handle="anna-7f3k", forwards_until=NOW),
        booking.PageAllowed(organizer_id=ORGANIZER),
        booking.PageDenied(organizer_id=ORGANIZER, rule="ews_enabled"),
    )


def _meeting_types() -> tuple[ContractEvent, ...]:
    created = booking.MeetingTypeCreated(
        id=MEETING_TYPE,
        organizer_id=ORGANIZER,
        organizer_time_zone="Europe/Copenhagen",
        title="A quiet half hour",
        slug="a-quiet-half-hour",
        description="For what does not fit into a mail.",
        duration_minutes=30,
        increment_minutes=30,
        visibility="private",
        hours="custom",
        weekly_hours=booking.WeeklyHours(
            mon=(("09:00", "12:00"), ("13:00", "16:00")), thu=(("22:00", "02:00"),)
        ),
        min_lead_minutes=120,
        max_lead_minutes=60 * 24 * 60,
        location=Online(provider="jitsi", url_template="https://meet.example.com/{booking_id}"),
        revision=1,
        **_whole_settings(),
    )
    changed = {
        **dict(created),
        "duration_minutes": 45,
        "durations_minutes": (45,),
        "location": InPerson(address="Room 3.14, Example House"),
        "locations": (InPerson(address="Room 3.14, Example House"),),
        "revision": 2,
        "enabled": False,
    }
    return (
        created,
        booking.MeetingTypeChanged(**changed),
        booking.MeetingTypeDeleted(organizer_id=ORGANIZER, meeting_type_id=MEETING_TYPE),
    )


def _whole_settings() -> dict[str, Any]:
    return {
        "durations_minutes": (30, 60),
        "date_overrides": {"2026-12-24": (), "2026-12-31": (("09:00", "12:00"),)},
        "buffer_before_minutes": 5,
        "buffer_after_minutes": 10,
        "questions": (
            booking.Question(id="topic", label="What is it about?", kind="text", required=True),
            booking.Question(
                id="style", label="Tea or coffee?", kind="choice", choices=("Tea", "Coffee")
            ),
        ),
        "approval_required": True,
        "approval_deadline_minutes": 2 * 24 * 60,
        "verification_required": True,
        "reminders": (booking.Reminder(minutes_before=60, to="both", text="Bring the drawing."),),
        "max_per_day": 4,
        "max_per_week": 10,
        "max_active_per_attendee": 2,
        "colour": "#1a73e8",
        "members_only": True,
        "change_cutoff_minutes": 1440,
        "frame_origins": ("https://www.example.com",),
    }


def _links() -> tuple[ContractEvent, ...]:
    about: dict[str, Any] = {"organizer_id": ORGANIZER, "link_id": LINK}
    link = {**about, "meeting_type_id": MEETING_TYPE}
    deadline = NOW + timedelta(days=90)
    return (
        booking.PrivateLinkIssued(**link, max_uses=1, expires_at=deadline),
        booking.PrivateLinkChanged(**link, max_uses=None, expires_at=deadline),
        booking.LinkUseTaken(**about, booking_id=BOOKING),
        booking.LinkUseReturned(**about, booking_id=BOOKING),
        booking.LinkUseConsumed(**about, booking_id=BOOKING),
        booking.LinkExpired(**link, reason="consumed", expired_at=NOW),
    )


def _slots() -> tuple[ContractEvent, ...]:
    slot: dict[str, Any] = {
        "organizer_id": ORGANIZER,
        "booking_id": BOOKING,
        "start": START,
        "end": START + HALF_AN_HOUR,
        "purpose": "new",
    }
    return (
        booking.SlotReserved(
            **slot,
            meeting_type_id=MEETING_TYPE,
            expires_at=NOW + timedelta(minutes=5),
            link_id=LINK,
            by="attendee",
        ),
        booking.SlotReleased(**slot, reason="timeout"),
        availability.SlotAccepted(**slot, checked_at=NOW),
        availability.SlotRejected(
            **slot,
            checked_at=NOW,
            reasons=(Reason(rule="busy", detail="Another meeting takes place at that time."),),
        ),
    )


def _bookings() -> tuple[ContractEvent, ...]:
    confirmed = booking.BookingConfirmed(
        booking_id=BOOKING,
        organizer_id=ORGANIZER,
        organizer=OrganizerContact(
            display_name="Anna Ø. Example", email="anna@example.com", time_zone="Europe/Copenhagen"
        ),
        meeting_type_id=MEETING_TYPE,
        title="A quiet half hour",
        attendee_id=ATTENDEE,
        start=START,
        end=START + HALF_AN_HOUR,
        location=Online(provider="jitsi", url_template="https://meet.example.com/{booking_id}"),
        join_url=f"https://meet.example.com/{BOOKING}",
        colour="#1a73e8",
        uid=f"{BOOKING}@bookwith",
        ics_sequence=0,
        link_id=LINK,
    )
    moved = Period(start=MOVED, end=MOVED + HALF_AN_HOUR)
    carried = {**_without_actor(confirmed), "start": moved.start, "end": moved.end}
    return (
        confirmed,
        booking.BookingRescheduled(
            **{**carried, "ics_sequence": 1},
            from_=Period(start=confirmed.start, end=confirmed.end),
            to=moved,
            by="attendee",
        ),
        booking.BookingCancelled(**{**carried, "ics_sequence": 2}, by="organizer"),
    )


def _without_actor(event: ContractEvent) -> dict[str, Any]:
    return {name: value for name, value in dict(event).items() if name != "by"}


def _requests() -> tuple[ContractEvent, ...]:
    confirmed, moved, _ = _bookings()
    assert isinstance(confirmed, booking.BookingConfirmed)
    assert isinstance(moved, booking.BookingRescheduled)
    whole = _without_actor(confirmed)
    later = {**whole, "start": MOVED, "end": MOVED + HALF_AN_HOUR}
    deadline = NOW + timedelta(days=1)
    return (
        booking.VerificationRequested(**whole, expires_at=deadline),
        booking.AddressVerified(**whole),
        booking.BookingLapsed(**whole, reason="taken"),
        booking.BookingRequested(**whole, expires_at=deadline),
        booking.RequestRescheduled(
            **later, from_=moved.from_, to=moved.to, by="attendee", expires_at=deadline
        ),
        booking.BookingDeclined(**whole, by="organizer", reason="declined"),
        booking.RescheduleApprovalRequested(
            **whole, wanted=moved.to, by="attendee", expires_at=deadline
        ),
        booking.RescheduleDeclined(**whole, wanted=moved.to, by="organizer", reason="declined"),
        booking.RescheduleRequested(**whole, by="organizer"),
        booking.BookingDetailsChanged(
            **{**whole, "ics_sequence": 1}, by="attendee", changed=("name",), confirmed=True
        ),
    )
