"""Days and weeks that are full are not offered, and the organizer is told why."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.component.availability.organizer import (
    COPENHAGEN,
    MINUTE,
    Availability,
    Organizer,
    link_token,
    manage_token,
    monday,
    stamp,
)

NOON, DAY = 12, timedelta(days=1)


async def days_offered(
    availability: Availability, kind: UUID, start: datetime, days: int, **asked: Any
) -> list[int]:
    """Return which of the local days have a time that is offered, counted from the first."""
    first = start.astimezone(COPENHAGEN)
    starts = await availability.starts(kind, first, first + days * DAY, **asked)
    offered = {datetime.fromisoformat(each).astimezone(COPENHAGEN).date() for each in starts}
    return sorted((day - first.date()).days for day in offered)


async def explained(availability: Availability, anna: Organizer, kind: UUID, at: datetime) -> Any:
    answer = await availability.service.http.get(
        "/api/availability/v1/explain",
        params={"meeting_type_id": str(kind), "start": stamp(at)},
        headers=availability.sign_in.signed_in(anna.identity, "organizer"),
    )
    assert 200 == answer.status_code, answer.text
    return {
        each["rule"]: (each["passed"], each["detail"])
        for each in answer.json()["rules"]
        if each["rule"].startswith("max_per")
    }


async def test_a_full_day_is_not_offered_until_a_place_is_given_back(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers(max_per_day=2)
    first, second = (anna.reserved(kind, monday(hour)) for hour in (9, 22))
    await anna.publish(first, anna.confirmed(first), second)
    full = await days_offered(availability, kind, monday(), 3)
    # Asked about an hour of the day alone, too: the day is counted, not what is asked about.
    noon = await availability.starts(kind, monday(NOON), monday(NOON + 1))
    told = await explained(availability, anna, kind, monday(NOON))
    await anna.publish(anna.released(second))

    assert ([1, 2], []) == (full, noon)
    assert {"max_per_day": (False, "The day is full: attendees may book 2 in a day.")} == told
    assert [0, 1, 2] == await days_offered(availability, kind, monday(), 3)
    told = await explained(availability, anna, kind, monday(NOON))
    assert {"max_per_day": (True, "The day is not full: attendees may book 2 in a day.")} == told


async def test_a_full_week_is_not_offered_and_the_first_free_day_is_after_it(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers(max_per_week=1, min_lead_minutes=0)
    held = anna.reserved(kind, monday(9, days=6))
    await anna.publish(held, anna.confirmed(held))

    asked = await availability.slots(
        kind,
        from_=stamp(monday()),
        to=stamp(monday(days=1)),
        time_zone=COPENHAGEN.key,
    )

    assert [6 + 1] == await days_offered(availability, kind, monday(), 8)
    assert [0] == await days_offered(availability, kind, monday(days=-1), 8)
    assert ([], monday(NOON, days=7).date().isoformat()) == (
        asked.json()["slots"],
        asked.json()["next_free_day"],
    )


async def test_what_is_of_another_type_moved_or_over_takes_no_place(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers(max_per_day=1)
    other = await anna.offers()
    of_other = anna.reserved(other, monday(9))
    over = anna.reserved(kind, monday(10), expires_at=datetime.now(UTC) + timedelta(seconds=1))
    mine = anna.reserved(kind, monday(9, days=1))
    await anna.publish(of_other, over, mine, anna.confirmed(mine))

    async def offered(**asked: Any) -> list[int]:
        return await days_offered(availability, kind, monday(), 2, **asked)

    moved = {"rescheduling": str(mine.booking_id), "X_Manage_Token": manage_token(mine)}
    while datetime.now(UTC) < over.expires_at:
        await offered()

    assert ([0], [0, 1]) == (await offered(), await offered(**moved))


async def test_the_verdict_on_a_reservation_counts_no_limits(
    availability: Availability, anna: Organizer
) -> None:
    """Booking has counted them before, behind its lock."""
    kind = await anna.offers(max_per_day=1)
    first = anna.reserved(kind, monday(9))
    await anna.publish(first, anna.confirmed(first))

    assert [] == await anna.judged(anna.reserved(kind, monday(10)))


async def test_a_link_to_a_limited_type_does_not_offer_its_full_day(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers(max_per_day=1, visibility="private")
    link = await anna.link(kind)
    held = anna.reserved(kind, monday(9), expires_at=datetime.now(UTC) + 5 * MINUTE)
    await anna.publish(held)

    assert [1] == await days_offered(availability, kind, monday(), 2, X_Link_Token=link_token(link))
