"""Test data with character: Anna's page, her meeting types, and those who book with her."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.booking.domain import booking, meeting_type, private_link
from services.booking.domain.location import InPerson
from services.booking.domain.private_link.limits import Limits
from services.booking.domain.profile import Profile
from services.booking.domain.slot import Notice, Slot

ANNA = UUID("a44a0000-0000-5000-8000-000000000001")
COFFEE_TYPE = UUID("c0ffee00-0000-7000-8000-000000000001")
COFFEE_LINK = UUID("11c00000-0000-7000-8000-000000000001")
FIRST_BOOKING = UUID("b0000000-0000-7000-8000-000000000001")
SECOND_BOOKING = UUID("b0000000-0000-7000-8000-000000000002")
THIRD_BOOKING = UUID("b0000000-0000-7000-8000-000000000003")
VISITOR = UUID("57000000-0000-7000-8000-000000000001")

# A Monday morning.
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

NOTICE = Notice(min_lead_minutes=120, max_lead_minutes=60 * 24 * 60, cutoff_minutes=120)


def after(days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
    """Return the instant that long after Monday morning."""
    return NOW + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def slot(days: float = 1, hours: float = 2, minutes: int = 45) -> Slot:
    """Return a slot that starts that long after Monday morning: Tuesday at ten by default."""
    start = after(days=days, hours=hours)
    return Slot(start, start + timedelta(minutes=minutes))


TUESDAY = slot(days=1)
WEDNESDAY = slot(days=2)
THURSDAY = slot(days=3)


def profile(**changes: Any) -> Profile:
    """Return what Anna says about herself."""
    return replace(
        Profile(
            handle="anna",
            display_name="Anna (Department of Bridges)",
            email="anna@bridges.example",
            time_zone="Europe/Copenhagen",
            locale="da",
        ),
        **changes,
    )


def settings(**changes: Any) -> meeting_type.Settings:
    """Return a second opinion over coffee, 45 minutes, to be had at Anna's office."""
    return replace(
        meeting_type.Settings(
            title="A second opinion over coffee",
            slug="second-opinion",
            duration_minutes=45,
            increment_minutes=15,
            location=InPerson("Bridge Street 7, third floor"),
            description="Bring the drawing, not the slides.",
            visibility="private",
        ),
        **changes,
    )


def limits(**changes: Any) -> Limits:
    """Return the limits of a single-use link that is valid for 90 days."""
    return replace(
        Limits(max_uses=1, expires_at=after(days=90)),
        **changes,
    )


def link_issued(**changes: Any) -> private_link.PrivateLinkIssued:
    """Return the event of Anna issuing a link with these limits."""
    return private_link.PrivateLinkIssued(
        organizer_id=ANNA, meeting_type_id=COFFEE_TYPE, limits=limits(**changes)
    )


def terms(**changes: Any) -> booking.Terms:
    """Return what is agreed about a second opinion over coffee."""
    return replace(
        booking.Terms(
            organizer=booking.Contact(
                display_name="Anna", email="anna@bridges.example", time_zone="Europe/Copenhagen"
            ),
            title="A second opinion over coffee",
            location=InPerson("Bridge Street 7, third floor"),
            join_url=None,
        ),
        **changes,
    )


def meeting(**changes: Any) -> booking.Meeting:
    """Return the visitor's meeting with Anna."""
    return replace(
        booking.Meeting(
            organizer_id=ANNA,
            meeting_type_id=COFFEE_TYPE,
            link_id=COFFEE_LINK,
            attendee_id=VISITOR,
            terms=terms(),
        ),
        **changes,
    )


def reserve(**changes: Any) -> booking.ReserveSlot:
    """Return the visitor's request for Tuesday at ten."""
    return replace(
        booking.ReserveSlot(
            organizer_id=ANNA,
            meeting_type_id=COFFEE_TYPE,
            link_id=COFFEE_LINK,
            slot=TUESDAY,
            expires_at=after(minutes=5),
            by="attendee",
            notice=NOTICE,
            at=NOW,
        ),
        **changes,
    )


def confirm(**changes: Any) -> booking.ConfirmBooking:
    """Return the visitor's confirmation two minutes later, with an accepting verdict."""
    return replace(
        booking.ConfirmBooking(
            attendee_id=VISITOR,
            terms=terms(),
            verdict="accepted",
            reasons=(),
            may_be_booked=True,
            at=after(minutes=2),
        ),
        **changes,
    )


def move(**changes: Any) -> booking.RequestReschedule:
    """Return the visitor's request to meet on Wednesday instead."""
    return replace(
        booking.RequestReschedule(
            slot=WEDNESDAY,
            expires_at=after(hours=1, minutes=5),
            by="attendee",
            notice=NOTICE,
            may_be_moved=True,
            at=after(hours=1),
        ),
        **changes,
    )


def complete(**changes: Any) -> booking.CompleteReschedule:
    """Return the completion of the move to Wednesday, which availability accepted."""
    return replace(
        booking.CompleteReschedule(slot=WEDNESDAY, may_be_moved=True, at=after(hours=1, seconds=1)),
        **changes,
    )


def cancel(**changes: Any) -> booking.CancelBooking:
    """Return the visitor's cancellation, still in time."""
    return replace(
        booking.CancelBooking(by="attendee", notice=NOTICE, at=after(hours=2)), **changes
    )


def reserved(**changes: Any) -> booking.SlotReserved:
    """Return the event that Tuesday at ten is held for the visitor."""
    return replace(
        booking.SlotReserved(
            organizer_id=ANNA,
            meeting_type_id=COFFEE_TYPE,
            link_id=COFFEE_LINK,
            slot=TUESDAY,
            expires_at=after(minutes=5),
            purpose="new",
            by="attendee",
        ),
        **changes,
    )


def move_reserved(**changes: Any) -> booking.SlotReserved:
    """Return the event of Wednesday being held for the move."""
    return replace(
        booking.SlotReserved(
            organizer_id=ANNA,
            meeting_type_id=COFFEE_TYPE,
            link_id=None,
            slot=WEDNESDAY,
            expires_at=after(hours=1, minutes=5),
            purpose="reschedule",
            by="attendee",
        ),
        **changes,
    )


def confirmed(**changes: Any) -> booking.BookingConfirmed:
    """Return the event of Tuesday's meeting being agreed."""
    return replace(
        booking.BookingConfirmed(meeting=meeting(), slot=TUESDAY, ics_sequence=0), **changes
    )


def rescheduled(**changes: Any) -> booking.BookingRescheduled:
    """Return the event of the meeting moving from Tuesday to Wednesday."""
    return replace(
        booking.BookingRescheduled(
            meeting=meeting(), old=TUESDAY, new=WEDNESDAY, by="attendee", ics_sequence=1
        ),
        **changes,
    )


def cancelled(**changes: Any) -> booking.BookingCancelled:
    """Return the event of Tuesday's meeting being cancelled."""
    return replace(
        booking.BookingCancelled(meeting=meeting(), slot=TUESDAY, by="attendee", ics_sequence=1),
        **changes,
    )


def requested(**changes: Any) -> booking.BookingRequested:
    """Return the event that Tuesday's meeting waits for Anna's answer, for a day."""
    return replace(
        booking.BookingRequested(meeting=meeting(), slot=TUESDAY, expires_at=after(hours=24)),
        **changes,
    )


def unverified(**changes: Any) -> booking.VerificationRequested:
    """Return the event that the visitor has an hour to prove their address."""
    return replace(
        booking.VerificationRequested(
            meeting=meeting(),
            slot=TUESDAY,
            asked_at=after(minutes=2),
            expires_at=after(hours=1, minutes=2),
        ),
        **changes,
    )


def reserved_again(**changes: Any) -> booking.SlotReserved:
    """Return the event of Tuesday being held again for a visitor with a proven address."""
    return reserved(
        **{"expires_at": after(minutes=8), "asked_at": after(minutes=2), **changes},
    )


def declined(**changes: Any) -> booking.BookingDeclined:
    """Return the event of Anna having declined."""
    return replace(
        booking.BookingDeclined(meeting=meeting(), slot=TUESDAY, by="organizer", reason="declined"),
        **changes,
    )


def move_awaits_approval(**changes: Any) -> booking.RescheduleApprovalRequested:
    """Return the event that the move to Wednesday waits for Anna's answer."""
    return replace(
        booking.RescheduleApprovalRequested(
            meeting=meeting(),
            slot=TUESDAY,
            wanted=WEDNESDAY,
            by="attendee",
            ics_sequence=0,
            expires_at=after(hours=25),
        ),
        **changes,
    )


def asked_to_move(**changes: Any) -> booking.RescheduleRequested:
    """Return the event of Anna asking for another time."""
    return replace(
        booking.RescheduleRequested(
            meeting=meeting(), slot=TUESDAY, by="organizer", ics_sequence=0
        ),
        **changes,
    )


def approve(**changes: Any) -> booking.ApproveBooking:
    """Return Anna's yes, an hour later, while her calendar is as it was."""
    return replace(
        booking.ApproveBooking(
            by=ANNA, verdict="accepted", reasons=(), is_allowed=True, at=after(hours=1)
        ),
        **changes,
    )


def verify(**changes: Any) -> booking.VerifyAddress:
    """Return the visitor's proof of their address, three minutes after the first hold."""
    return replace(
        booking.VerifyAddress(expires_at=after(minutes=8), may_be_booked=True, at=after(minutes=3)),
        **changes,
    )


def change_details(**changes: Any) -> booking.ChangeDetails:
    """Return the visitor's other name."""
    return replace(
        booking.ChangeDetails(changed=("name",), by="attendee", at=after(minutes=30)), **changes
    )
