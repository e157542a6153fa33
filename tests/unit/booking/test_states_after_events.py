"""The whole state of a booking and of a page after its events."""

from dataclasses import replace

import pytest

from services.booking.domain import booking, page
from services.booking.domain.booking import PendingMove, RefusedMove, SlotReleased
from tests.builders import (
    ANNA,
    COFFEE_LINK,
    COFFEE_TYPE,
    TUESDAY,
    WEDNESDAY,
    after,
    cancelled,
    confirmed,
    meeting,
    move_reserved,
    profile,
    rescheduled,
    reserved,
)

BOOKED = (reserved(), confirmed())
CONFIRMED = booking.Confirmed(meeting=meeting(), slot=TUESDAY, ics_sequence=0)
MOVE = PendingMove(slot=WEDNESDAY, expires_at=after(hours=1, minutes=5), by="attendee")
MOVE_REJECTED = SlotReleased(
    organizer_id=ANNA, slot=WEDNESDAY, reason="rejected", purpose="reschedule"
)
CREATED = page.PageCreated(ANNA, profile())
DRAFT = page.Page(ANNA, profile(), published=False, access=page.Access())
OTHER = profile(display_name="Anna B.", handle="anna-b")


@pytest.mark.parametrize(
    ("events", "state"),
    [
        (
            (reserved(),),
            booking.Held(
                organizer_id=ANNA,
                meeting_type_id=COFFEE_TYPE,
                link_id=COFFEE_LINK,
                slot=TUESDAY,
                expires_at=after(minutes=5),
            ),
        ),
        (
            (
                reserved(),
                SlotReleased(organizer_id=ANNA, slot=TUESDAY, reason="timeout", purpose="new"),
            ),
            booking.Released(organizer_id=ANNA, slot=TUESDAY, reason="timeout"),
        ),
        (BOOKED, CONFIRMED),
        ((*BOOKED, move_reserved()), replace(CONFIRMED, move=MOVE)),
        (
            (*BOOKED, move_reserved(), MOVE_REJECTED),
            replace(CONFIRMED, refused_move=RefusedMove(WEDNESDAY, "rejected")),
        ),
        (
            (*BOOKED, move_reserved(), MOVE_REJECTED, move_reserved()),
            replace(CONFIRMED, move=MOVE),
        ),
        (
            (*BOOKED, move_reserved(), rescheduled()),
            booking.Confirmed(
                meeting=meeting(),
                slot=WEDNESDAY,
                ics_sequence=1,
                changed=booking.LastChange("attendee", TUESDAY),
            ),
        ),
        (
            (*BOOKED, cancelled()),
            booking.Cancelled(
                meeting=meeting(),
                slot=TUESDAY,
                ics_sequence=1,
                changed=booking.LastChange("attendee"),
            ),
        ),
    ],
)
def test_a_booking_has_this_state_after_these_events(
    events: tuple[booking.Event, ...], state: booking.State
) -> None:
    assert state == booking.DECIDER.fold(events)


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ((CREATED,), DRAFT),
        ((CREATED, page.PageChanged(ANNA, OTHER)), replace(DRAFT, profile=OTHER)),
        ((CREATED, page.PagePublished()), replace(DRAFT, published=True)),
        ((CREATED, page.PagePublished(), page.PageUnpublished()), DRAFT),
        (
            (CREATED, page.PageAddressRenewed("anna-b")),
            replace(DRAFT, profile=profile(handle="anna-b")),
        ),
        ((CREATED, page.PageAllowed()), replace(DRAFT, access=page.Access("allowed"))),
        (
            (page.PageDenied("ews_enabled"), CREATED),
            replace(DRAFT, access=page.Access("denied", "ews_enabled")),
        ),
        ((page.PageAllowed(),), page.Absent(page.Access("allowed"))),
    ],
)
def test_a_page_has_this_state_after_these_events(
    events: tuple[page.Event, ...], state: page.State
) -> None:
    assert state == page.DECIDER.fold(events)


@pytest.mark.parametrize(
    "event",
    [
        page.PageChanged(ANNA, profile()),
        page.PagePublished(),
        page.PageUnpublished(),
        page.PageAddressRenewed("anna-b"),
    ],
)
def test_an_event_of_a_page_that_does_not_exist_changes_nothing(event: page.Event) -> None:
    assert page.DECIDER.fold([event]) == page.Absent()
