"""Limits on bookings by day, by week and by attendee; the last place has one winner."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.component.booking.booking_service import (
    BookingService,
    Organizer,
    problem,
    stamp,
    vera,
)
from tests.component.booking.browsing import offer
from tests.component.booking.conftest import FreeTimesServer


def monday(days: int = 0, hour: int = 10, minute: int = 0) -> str:
    """Return a time of the week after next, which begins on its Monday."""
    today = datetime.now(UTC).replace(hour=hour, minute=minute, second=0, microsecond=0)
    return stamp(today + timedelta(days=14 - today.weekday() + days))


def nearest(refused: httpx.Response) -> list[str]:
    """Return the starts that the refusal names instead."""
    return [each["start"] for each in refused.json()["alternatives"]]


async def test_a_day_takes_only_so_many_and_its_end_is_the_organizers(
    service: BookingService, anna: Organizer, free_times: FreeTimesServer
) -> None:
    # Availability may not have heard of the last booking of the day.
    offer(free_times, monday(hour=13), monday(1, hour=13), monday(7, hour=13))
    kind = await anna.meeting_type(max_per_day=1, duration_minutes=15)
    other = await anna.meeting_type(duration_minutes=15)
    await service.booked(kind, monday(hour=10))

    same_day = await service.reserve(kind, monday(hour=12))
    # Copenhagen is ahead of UTC: half an hour before midnight there is the next day.
    past_midnight = await service.reserve(kind, monday(hour=23, minute=30))

    assert (409, "slot-not-offered") == problem(same_day)
    assert ["max_per_day"] == same_day.json()["reasons"]
    assert [monday(1, hour=13), monday(7, hour=13)] == nearest(same_day)
    assert 201 == past_midnight.status_code
    await service.booked(other, monday(hour=14))


async def test_a_week_takes_only_so_many_and_a_cancelled_one_gives_its_place_back(
    service: BookingService, anna: Organizer, free_times: FreeTimesServer
) -> None:
    offer(free_times, monday(6, hour=12), monday(7, hour=12))
    kind = await anna.meeting_type(max_per_week=2)
    first = await service.booked(kind, monday(0))
    await service.booked(kind, monday(2))

    third = await service.reserve(kind, monday(4))
    next_week = await service.reserve(kind, monday(7))
    await service.manage(first, "cancel")
    again = await service.reserve(kind, monday(4))

    assert ["max_per_week"] == third.json()["reasons"]
    assert [monday(7, hour=12)] == nearest(third)
    assert [201, 201] == [next_week.status_code, again.status_code]


async def test_a_move_ignores_the_booking_that_is_moved(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(max_per_day=1)
    booked = await service.booked(kind, monday(0, 10))
    await service.booked(kind, monday(1, 10))

    same_day = await service.manage(booked, "reschedule", {"start": monday(0, 12)})
    full_day = await service.manage(booked, "reschedule", {"start": monday(1, 12)})
    by_organizer = await anna.call(
        "POST", f"/bookings/{booked['id']}/reschedule", {"start": monday(1, 12)}
    )

    assert (200, monday(0, 12)) == (same_day.status_code, same_day.json()["start"])
    assert (409, ["max_per_day"]) == (full_day.status_code, full_day.json()["reasons"])
    assert 200 == by_organizer.status_code  # the limits are for attendees


async def test_the_last_place_of_a_day_has_one_winner(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(max_per_day=3, duration_minutes=15, increment_minutes=15)
    await service.booked(kind, monday(hour=8))
    await service.booked(kind, monday(hour=9))
    starts = [
        monday(hour=hour, minute=minute) for hour in (10, 11, 12) for minute in range(0, 60, 15)
    ]

    answers = await asyncio.gather(
        *(
            service.reserve(kind, start, attendee=vera(email=f"v{n}@x.example"))
            for n, start in enumerate(starts)
        )
    )

    assert {201: 1, 409: len(starts) - 1} == Counter(each.status_code for each in answers)
    assert {"max_per_day"} == {
        reason for each in answers if each.status_code == 409 for reason in each.json()["reasons"]
    }


async def test_one_person_is_counted_once_however_their_address_is_written(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(max_active_per_attendee=1)
    booked = await service.reserve(kind, monday(1), attendee=vera(email="Vera@bücher.example"))
    refused = [
        await service.reserve(kind, monday(2), attendee=vera(email=each))
        for each in (
            "vera@xn--bcher-kva.example",
            "VERA@XN--BCHER-KVA.example",
            "vera@BÜCHER.example",
        )
    ]
    other = await service.reserve(kind, monday(3), attendee=vera(email="vera@buecher.example"))

    assert 201 == booked.status_code
    assert [(409, "state-conflict")] * 3 == [problem(each) for each in refused]
    assert 201 == other.status_code


async def set_deadline(service: BookingService, booking_id: str, at: datetime) -> datetime:
    """Let the claim be over at another moment than the log says; return what stood there."""
    [row] = await service.booking.rows(
        "UPDATE slot_claims c SET held_until = %s FROM slot_claims o WHERE o.booking_id ="
        " c.booking_id AND o.during = c.during AND c.booking_id = %s RETURNING o.held_until",
        at,
        booking_id,
    )
    stood: datetime = row["held_until"]
    return stood


async def test_a_request_past_its_deadline_counts_for_nothing_before_its_timer_fires(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(max_active_per_attendee=1, approval_required=True)
    email = "waiting@visitors.example"
    first = await service.reserve(kind, monday(1), attendee=vera(email=email))
    refused = await service.reserve(kind, monday(2), attendee=vera(email=email))
    deadline = await set_deadline(service, first.json()["id"], datetime.now(UTC))
    after = await service.reserve(kind, monday(2), attendee=vera(email=email))
    await set_deadline(service, first.json()["id"], deadline)  # as the log has it

    assert ("requested", (409, "state-conflict")) == (first.json()["status"], problem(refused))
    assert (201, "requested") == (after.status_code, after.json()["status"])


async def test_an_attendee_has_only_so_many_bookings_to_come_whoever_is_faster(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(max_active_per_attendee=2)
    booked = await service.booked(kind, monday(0))

    answers = await asyncio.gather(
        *(
            service.reserve(kind, monday(days), attendee=vera(email="VERA@visitors.example"))
            for days in (1, 2, 3)
        )
    )
    somebody_else = await service.reserve(
        kind, monday(4), attendee=vera(email="viggo@visitors.example")
    )
    await service.manage(booked, "cancel")
    again = await service.reserve(kind, monday(5), attendee=vera())

    refused = [each for each in answers if each.status_code != 201]
    assert [(409, "state-conflict")] * 2 == [problem(each) for each in refused]
    assert 201 == somebody_else.status_code == again.status_code
    # What was refused holds no time.
    left: dict[str, Any] = await anna.body_of("GET", "/bookings?status=held")
    assert [] == left["items"]


async def test_a_hold_that_is_over_takes_no_place_of_the_day(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(max_per_day=1)
    async with service.another_process(hold_seconds=1) as short:
        await short.held(kind, monday(0, 10))
    refused = await service.reserve(kind, monday(0, 12))

    async def booked_now() -> bool:
        return (await service.reserve(kind, monday(0, 12))).status_code == 201

    assert refused.status_code == 409
    deadline = asyncio.get_running_loop().time() + 10
    while not await booked_now():
        assert asyncio.get_running_loop().time() < deadline
