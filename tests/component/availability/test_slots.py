"""The slots over HTTP: which are offered, to whom, and how it is asked."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest

from contracts import booking
from contracts.capabilities import organizer_at
from services.availability import queries
from services.availability.domain.offering import OwnBooking, PrivateLink
from services.chassis.ids import new_id
from tests.component.availability.organizer import (
    COPENHAGEN,
    RING,
    Availability,
    Organizer,
    link_token,
    manage_token,
    monday,
    stamp,
)
from tests.component.kafka import eventually
from tests.round_trips import round_trips


def problem(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    assert body["status"] == answer.status_code
    return answer.status_code, body["type"].removeprefix("/problems/")


async def test_regular_hours_are_nine_to_five_on_weekdays(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers(hours="calendar", duration_minutes=60, increment_minutes=60)

    week = await availability.starts(kind, monday(), monday(days=7))

    assert [stamp(monday(hour, days=day)) for day in range(5) for hour in range(9, 17)] == week


async def test_regular_hours_are_set_once_for_all_types_without_hours_of_their_own(
    availability: Availability, anna: Organizer
) -> None:
    regular = await anna.offers(hours="calendar", duration_minutes=60, increment_minutes=60)
    own = await anna.offers(duration_minutes=60, increment_minutes=60)
    early = booking.WeeklyHours(mon=(("07:00", "09:00"),), sat=(("22:00", "01:00"),))
    await anna.publish(booking.PageRegularHoursChanged(organizer_id=anna.id, weekly_hours=early))

    week = await availability.starts(regular, monday(), monday(days=7))
    day = await availability.starts(own, monday(), monday(days=1))

    hours = [(7, 0), (8, 0), (22, 5), (23, 5), (0, 6)]
    assert [stamp(monday(hour, days=day)) for hour, day in hours] == week
    assert 24 == len(day)


async def test_each_slot_has_its_end_and_the_answer_says_how_fresh_it_is(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers(duration_minutes=45)

    answer = await availability.slots(kind, from_=stamp(monday(9)), to=stamp(monday(9, 1)))
    body = answer.json()

    assert [{"start": stamp(monday(9)), "end": stamp(monday(9, 45))}] == body["slots"]
    assert not body["stale"]
    age = datetime.now(UTC) - datetime.fromisoformat(body["computed_at"])
    assert abs(age) < timedelta(seconds=10)
    assert monday(9).astimezone(UTC).date().isoformat() == body["next_free_day"]


async def test_steps_count_from_the_beginning_of_the_hours(
    availability: Availability, anna: Organizer
) -> None:
    hours = booking.WeeklyHours(mon=(("09:10", "10:30"), ("13:00", "13:20")))
    kind = await anna.offers(weekly_hours=hours, increment_minutes=20)

    day = await availability.starts(kind, monday(), monday(days=1))

    assert [stamp(monday(9, minute)) for minute in (10, 30, 50)] == day


async def test_slots_are_offered_from_the_minimum_lead_to_the_horizon(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers(
        min_lead_minutes=24 * 60, max_lead_minutes=3 * 24 * 60, increment_minutes=5
    )
    now = datetime.now(UTC)

    starts = await availability.starts(kind, now, now + timedelta(days=10))

    first, last = datetime.fromisoformat(starts[0]), datetime.fromisoformat(starts[-1])
    assert timedelta(days=1) <= first - now < timedelta(days=1, minutes=6)
    assert timedelta(days=3, minutes=-6) < last - now < timedelta(days=3, seconds=10)


async def test_taken_times_are_not_offered_but_the_times_next_to_them_are(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers(increment_minutes=15)
    held = anna.reserved(kind, monday(10))
    await anna.publish(held)

    hour = await availability.starts(kind, monday(9, 15), monday(11))

    assert [
        stamp(monday(9, 15)),
        stamp(monday(9, 30)),
        stamp(monday(10, 30)),
        stamp(monday(10, 45)),
    ] == (hour)


async def test_dates_are_days_in_the_zone_that_is_asked_for(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers(duration_minutes=60, increment_minutes=60)
    day = monday(12).date()
    zone = ZoneInfo("America/New_York")
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)

    answer = await availability.slots(
        kind, from_=day.isoformat(), to=(day + timedelta(days=1)).isoformat(), time_zone=zone.key
    )
    starts = [slot["start"] for slot in answer.json()["slots"]]

    assert [stamp(midnight + timedelta(hours=n)) for n in range(24)] == starts
    assert day.isoformat() == answer.json()["next_free_day"]


def clock_changes() -> list[date]:
    """Return the days within a year on which Copenhagen's clocks change."""
    today = datetime.now(COPENHAGEN).date()

    def offset(day: date) -> Any:
        return datetime(day.year, day.month, day.day, tzinfo=COPENHAGEN).utcoffset()

    days = (today + timedelta(days=n) for n in range(2, 360))
    return [day for day in days if offset(day) != offset(day + timedelta(days=1))]


@pytest.mark.parametrize("day", clock_changes(), ids=str)
async def test_on_days_of_a_clock_change_each_real_hour_is_offered_once(
    availability: Availability, anna: Organizer, day: date
) -> None:
    hours = booking.WeeklyHours(sun=(("00:00", "06:00"),))
    kind = await anna.offers(weekly_hours=hours, duration_minutes=60, increment_minutes=60)
    midnight = datetime(day.year, day.month, day.day, tzinfo=COPENHAGEN)
    spring = day.month < 7

    answer = await availability.slots(
        kind,
        from_=day.isoformat(),
        to=(day + timedelta(days=1)).isoformat(),
        time_zone="Europe/Copenhagen",
    )
    starts = [datetime.fromisoformat(slot["start"]) for slot in answer.json()["slots"]]

    assert [
        midnight.astimezone(UTC) + timedelta(hours=n) for n in range(5 if spring else 7)
    ] == starts
    local = [f"{start.astimezone(COPENHAGEN):%H:%M}" for start in starts]
    assert local == (
        ["00:00", "01:00", "03:00", "04:00", "05:00"]
        if spring
        else ["00:00", "01:00", "02:00", "02:00", "03:00", "04:00", "05:00"]
    )


async def test_both_clock_changes_of_a_year_are_tested() -> None:
    assert {3, 10} == {day.month for day in clock_changes()}


async def test_the_first_free_day_is_named_where_a_window_has_none(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers(weekly_hours=booking.WeeklyHours(thu=(("09:00", "10:00"),)))
    never = await anna.offers(
        weekly_hours=booking.WeeklyHours(thu=(("09:00", "09:10"),)), duration_minutes=30
    )

    bodies = [
        (await availability.slots(each, from_=stamp(monday()), to=stamp(monday(days=1)))).json()
        for each in (kind, never)
    ]

    assert ([], monday(9, days=3).date().isoformat()) == (
        bodies[0]["slots"],
        bodies[0]["next_free_day"],
    )
    assert ([], None) == (bodies[1]["slots"], bodies[1]["next_free_day"])


async def test_nothing_is_offered_while_the_page_is_closed(
    availability: Availability, organizer: Organizer
) -> None:
    kind = await organizer.offers()
    window = {"from_": stamp(monday()), "to": stamp(monday(days=1))}
    answers = [await availability.slots(kind, **window)]

    for event in (
        organizer.published(),
        organizer.allowed(),
        organizer.denied(),
        organizer.allowed(),
        organizer.unpublished(),
    ):
        await organizer.publish(event)
        answers.append(await availability.slots(kind, **window))

    assert [404, 404, 200, 404, 200, 404] == [answer.status_code for answer in answers]
    assert (404, "not-available") == problem(answers[0])


async def test_an_unknown_or_deleted_type_is_not_found(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers()
    await anna.publish(booking.MeetingTypeDeleted(organizer_id=anna.id, meeting_type_id=kind))

    for unknown in (kind, new_id(), "not-an-id"):
        answer = await availability.slots(unknown, from_=stamp(monday()), to=stamp(monday(1)))  # type: ignore[arg-type] # a malformed id is the point
        assert (404, "not-found") == problem(answer)


async def test_a_private_type_is_opened_by_its_own_link_only(
    availability: Availability, anna: Organizer
) -> None:
    kind, other = [await anna.offers(visibility="private") for _ in range(2)]
    link, others = await anna.link(kind), await anna.link(other)
    window = {"from_": stamp(monday(9)), "to": stamp(monday(10))}

    let_in = await availability.slots(kind, **window, X_Link_Token=link_token(link))
    refused = [
        await availability.slots(kind, **window),
        await availability.slots(kind, **window, X_Link_Token=link_token(others)),
        await availability.slots(kind, **window, X_Link_Token=link_token(link)[:-5] + "AAAAA"),
    ]

    assert (200, 2) == (let_in.status_code, len(let_in.json()["slots"]))
    assert [(404, "not-found")] * 3 == [problem(answer) for answer in refused]


async def test_a_link_opened_before_its_event_has_arrived_waits_for_it(
    availability: Availability, anna: Organizer
) -> None:
    made = anna.meeting_type(visibility="private")
    link = anna.issued(made.id)
    window = {"from_": stamp(monday(9)), "to": stamp(monday(10))}

    asking = asyncio.create_task(
        availability.slots(made.id, **window, X_Link_Token=link_token(link.link_id))
    )
    await asyncio.sleep(0.1)
    assert not asking.done()
    await anna.publish(made, link)

    assert 2 == len((await asking).json()["slots"])


async def test_a_genuine_link_whose_event_does_not_arrive_is_answered_with_unavailable(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers(visibility="private")

    answer = await availability.slots(
        kind, from_=stamp(monday()), to=stamp(monday(1)), X_Link_Token=link_token(new_id())
    )

    assert (503, "unavailable") == problem(answer)
    assert "2" == answer.headers["Retry-After"]


async def test_an_ended_link_gives_its_reason_and_a_suspended_one_says_not_available(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers(visibility="private")
    window = {"from_": stamp(monday(9)), "to": stamp(monday(10))}
    revoked, short, alive = (
        await anna.link(kind),
        await anna.link(kind, timedelta(seconds=0.2)),
        await anna.link(kind),
    )
    await anna.publish(anna.ended(revoked, kind, "revoked"))

    async def over() -> httpx.Response | None:
        answer = await availability.slots(kind, **window, X_Link_Token=link_token(short))
        return None if answer.status_code == 200 else answer

    dead = [await availability.slots(kind, **window, X_Link_Token=link_token(revoked))]
    dead.append(await eventually(over))
    await anna.publish(anna.unpublished())
    asleep = await availability.slots(kind, **window, X_Link_Token=link_token(alive))

    assert [(410, "link-dead")] * 2 == [problem(answer) for answer in dead]
    assert ["revoked", "ttl"] == [answer.json()["reason"] for answer in dead]
    assert (403, "not-available") == problem(asleep)


async def test_a_changed_deadline_of_a_link_counts(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers(visibility="private")
    link = await anna.link(kind, timedelta(seconds=-1))
    window = {"from_": stamp(monday(9)), "to": stamp(monday(10))}
    before = await availability.slots(kind, **window, X_Link_Token=link_token(link))

    await anna.publish(
        booking.PrivateLinkChanged(
            organizer_id=anna.id,
            link_id=link,
            meeting_type_id=kind,
            max_uses=None,
            expires_at=monday(),
        )
    )
    after = await availability.slots(kind, **window, X_Link_Token=link_token(link))

    assert ((410, "link-dead"), 200) == (problem(before), after.status_code)


async def test_while_a_booking_is_moved_its_own_time_is_free(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers(visibility="private")
    mine, other = anna.reserved(kind, monday(9)), anna.reserved(kind, monday(10))
    await anna.publish(mine, anna.confirmed(mine), other, anna.confirmed(other))
    asked = {
        "from_": stamp(monday(9)),
        "to": stamp(monday(10, 30)),
        "rescheduling": str(mine.booking_id),
    }

    by_token = await availability.slots(kind, **asked, X_Manage_Token=manage_token(mine))
    refused = [
        await availability.slots(kind, **asked),
        await availability.slots(kind, **asked, X_Manage_Token=manage_token(other)),
        await availability.slots(kind, **asked, X_Manage_Token=link_token(mine.booking_id)),
    ]

    assert [stamp(monday(9)), stamp(monday(9, 30))] == [
        slot["start"] for slot in by_token.json()["slots"]
    ]
    assert [(404, "not-found")] * 3 == [problem(answer) for answer in refused]


async def test_a_booking_is_moved_by_its_own_length_when_its_type_is_shorter_now_or_deleted(
    availability: Availability, anna: Organizer
) -> None:
    kind = anna.meeting_type()
    await anna.publish(kind)
    mine, other = (
        anna.reserved(kind.id, monday(9), end=monday(10)),
        anna.reserved(kind.id, monday(11)),
    )
    await anna.publish(mine, anna.confirmed(mine), other, anna.confirmed(other))
    asked = {
        "from_": stamp(monday(9)),
        "to": stamp(monday(11)),
        "rescheduling": str(mine.booking_id),
        "X_Manage_Token": manage_token(mine),
    }
    of_an_hour = [
        {"start": stamp(monday(hour, minute)), "end": stamp(monday(hour + 1, minute))}
        for hour, minute in ((9, 0), (9, 30), (10, 0))
    ]

    shorter = await availability.slots(kind.id, **asked)
    await anna.publish(booking.MeetingTypeDeleted(organizer_id=anna.id, meeting_type_id=kind.id))
    deleted = await availability.slots(kind.id, **asked)
    by_others = await availability.slots(
        kind.id, **{**asked, "X_Manage_Token": manage_token(other)}
    )

    assert [of_an_hour] * 2 == [answer.json()["slots"] for answer in (shorter, deleted)]
    assert (404, "not-found") == problem(by_others)


async def test_a_link_of_a_deleted_type_has_ended(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers(visibility="private")
    link = await anna.link(kind)
    await anna.publish(
        booking.MeetingTypeDeleted(organizer_id=anna.id, meeting_type_id=kind),
        anna.ended(link, kind, "type_deleted"),
    )

    answer = await availability.slots(
        kind, from_=stamp(monday()), to=stamp(monday(1)), X_Link_Token=link_token(link)
    )

    assert (410, "link-dead") == problem(answer)
    assert "type_deleted" == answer.json()["reason"]


async def test_a_manage_token_opens_no_other_private_type_of_its_organizer(
    availability: Availability, anna: Organizer
) -> None:
    public, private = await anna.offers(), await anna.offers(visibility="private")
    mine = anna.reserved(public, monday(9))
    await anna.publish(mine)
    asked = {
        "from_": stamp(monday(9)),
        "to": stamp(monday(12)),
        "rescheduling": str(mine.booking_id),
        "X_Manage_Token": manage_token(mine),
    }

    of_other, of_own = (
        await availability.slots(private, **asked),
        await availability.slots(public, **asked),
    )

    assert ((404, "not-found"), 200) == (problem(of_other), of_own.status_code)


async def test_unchanged_slots_are_answered_with_304(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers()
    window = {"from_": stamp(monday(9)), "to": stamp(monday(12))}
    first = await availability.slots(kind, **window)
    tag = first.headers["etag"]

    same = await availability.slots(kind, **window, If_None_Match=tag)
    await anna.publish(anna.reserved(kind, monday(10)))
    changed = await availability.slots(kind, **window, If_None_Match=tag)

    assert (304, b"", tag) == (same.status_code, same.content, same.headers["etag"])
    assert (200, 5) == (changed.status_code, len(changed.json()["slots"]))
    assert tag != changed.headers["etag"]


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"from_": None}, "#/query/from"),
        ({"to": None}, "#/query/to"),
        ({"from_": "soon"}, "#/query/from"),
        ({"from_": "2031-02-30"}, "#/query/from"),
        ({"from_": "2031-01-01T10:00:00"}, "#/query/from"),
        ({"to": "9999-12-31T23:59:59-12:00"}, "#/query/to"),
        ({"from_": "2031-01-02", "to": "2031-01-02"}, "#/query/to"),
        ({"from_": "2031-01-01", "to": "2031-03-05"}, "#/query/to"),
        ({"time_zone": "Mars/Olympus"}, "#/query/time_zone"),
    ],
)
async def test_an_invalid_parameter_is_named_by_a_pointer(
    availability: Availability, anna: Organizer, asked: dict[str, Any], pointer: str
) -> None:
    kind = await anna.offers()

    answer = await availability.slots(kind, **{"from_": "2031-01-01", "to": "2031-01-02", **asked})

    assert (422, "invalid") == problem(answer)
    assert [pointer] == [fault["pointer"] for fault in answer.json()["errors"]]


async def test_sixty_two_days_may_be_asked_for_at_once_over_a_clock_change(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers(weekly_hours=booking.WeeklyHours(mon=(("09:00", "09:30"),)))
    change = next(day for day in clock_changes() if day.month == 10)
    first = change - timedelta(days=10)

    answer = await availability.slots(
        kind,
        from_=first.isoformat(),
        to=(first + timedelta(days=62)).isoformat(),
        time_zone="Europe/Copenhagen",
    )

    assert 200 == answer.status_code


async def test_the_organizer_gets_the_verdict_of_each_rule(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers(increment_minutes=30)
    await anna.publish(anna.reserved(kind, monday(10)))
    address = "/api/availability/v1/explain"
    own = availability.sign_in.signed_in(anna.identity, "organizer")
    foreign = availability.sign_in.signed_in("somebody-else", "organizer")

    async def ask(start: datetime, headers: dict[str, str]) -> httpx.Response:
        asked = {"meeting_type_id": str(kind), "start": stamp(start)}
        return await availability.service.http.get(address, params=asked, headers=headers)

    free, taken = (await ask(monday(9), own)).json(), (await ask(monday(10, 5), own)).json()

    assert free["offered"]
    assert all(rule["passed"] for rule in free["rules"])
    assert not taken["offered"]
    assert {"free", "on_grid"} == {rule["rule"] for rule in taken["rules"] if not rule["passed"]}
    assert all(rule["detail"] for rule in taken["rules"])
    assert (404, "not-found") == problem(await ask(monday(9), foreign))
    assert (401, "unauthenticated") == problem(await ask(monday(9), {}))


async def test_all_that_a_question_needs_is_read_in_one_round_trip(
    availability: Availability, anna: Organizer
) -> None:
    kind = await anna.offers()
    held, link = anna.reserved(kind, monday(9)), anna.issued(kind)
    await anna.publish(held, anna.confirmed(held), link)

    async with availability.service.database.connection() as connection:
        for _ in range(2):  # the first one prepares the statement
            with round_trips(connection) as waits:
                found = await queries.find(
                    connection,
                    kind,
                    monday(),
                    monday(days=1),
                    link_id=link.link_id,
                    booking_id=held.booking_id,
                )

    assert ["Sync"] == waits
    assert found.offering is not None
    assert found.link == PrivateLink(meeting_type_id=kind, end_reason=None, expired=False)
    assert found.own == OwnBooking(
        id=held.booking_id, meeting_type_id=kind, length=held.end - held.start
    )
    assert [(held.booking_id, held.start, held.end, None)] == [
        (each.booking_id, each.start, each.end, each.expires_at) for each in found.taken.claims
    ]


async def test_each_duration_of_a_type_has_its_own_slots(
    availability: Availability, anna: Organizer
) -> None:
    hours = booking.WeeklyHours(mon=(("09:00", "10:30"),))
    kind = await anna.offers(weekly_hours=hours, durations_minutes=(30, 60))

    half = await availability.starts(kind, monday(0), monday(23, 59))
    whole = await availability.starts(kind, monday(0), monday(23, 59), duration_minutes="60")
    other = await availability.slots(
        kind, from_=stamp(monday()), to=stamp(monday(12)), duration_minutes="45"
    )
    nonsense = await availability.slots(
        kind, from_=stamp(monday()), to=stamp(monday(12)), duration_minutes="long"
    )

    assert [stamp(monday(9)), stamp(monday(9, 30)), stamp(monday(10))] == half
    assert [stamp(monday(9)), stamp(monday(9, 30))] == whole
    for answer in (other, nonsense):
        assert 422 == answer.status_code
        assert "#/query/duration_minutes" == answer.json()["errors"][0]["pointer"]
    assert "30, 60" in other.json()["detail"]


async def test_a_date_of_its_own_has_its_own_hours(
    availability: Availability, anna: Organizer
) -> None:
    date = f"{monday(0).astimezone(COPENHAGEN):%Y-%m-%d}"
    next_week = f"{monday(0, days=7).astimezone(COPENHAGEN):%Y-%m-%d}"
    kind = await anna.offers(
        hours="calendar",
        weekly_hours=booking.WeeklyHours(),
        date_overrides={date: (), next_week: (("20:00", "21:00"),)},
    )

    closed = await availability.starts(kind, monday(0), monday(23, 59))
    evening = await availability.starts(kind, monday(0, days=7), monday(23, 59, days=7))
    as_ever = await availability.starts(kind, monday(0, days=1), monday(10, days=1))

    assert [] == closed
    assert [stamp(monday(20, days=7)), stamp(monday(20, 30, days=7))] == evening
    assert [stamp(monday(9, days=1)), stamp(monday(9, 30, days=1))] == as_ever


async def test_between_two_meetings_the_larger_buffer_is_kept_free(
    availability: Availability, anna: Organizer
) -> None:
    hours = booking.WeeklyHours(mon=(("08:00", "13:00"),))
    wide = await anna.offers(weekly_hours=hours, buffer_before_minutes=60, buffer_after_minutes=90)
    narrow = await anna.offers(weekly_hours=hours, buffer_after_minutes=30, slug="narrow")
    held = anna.reserved(wide, monday(10))
    await anna.publish(held, anna.confirmed(held))

    beside_wide = await availability.starts(narrow, monday(0), monday(23, 59))
    beside_itself = await availability.starts(wide, monday(0), monday(23, 59))
    too_near = await anna.judged(anna.reserved(narrow, monday(9)))
    near_enough = await anna.judged(anna.reserved(narrow, monday(12)))

    assert [stamp(monday(*each)) for each in ((8,), (8, 30), (12,), (12, 30))] == beside_wide
    assert [stamp(monday(*each)) for each in ((8,), (12,), (12, 30))] == beside_itself
    assert (["free"], []) == (too_near, near_enough)


def organizers(organizer_id: UUID) -> dict[str, str]:
    """Return what booking sends that asks in the organizer's name what attendees could book."""
    token = RING.issue(organizer_at(datetime.now(UTC)), organizer_id)
    return {"for_attendee": "true", "X_Organizer_Token": token}


async def test_booking_sees_for_an_organizer_what_attendees_could_book_by_a_link_to_come(
    availability: Availability, anna: Organizer
) -> None:
    private = anna.meeting_type(visibility="private", min_lead_minutes=60, max_per_day=1)
    held = anna.reserved(private.id, monday(10))
    await anna.publish(private, held, anna.confirmed(held))
    window = {"from_": stamp(monday(9)), "to": stamp(monday(9, 30, days=1))}
    own = organizers(anna.id)

    async def seen(**asked: Any) -> Any:
        answer = await availability.slots(private.id, **{**window, **asked})
        body = answer.json()
        return [each["start"] for each in body["slots"]] if "slots" in body else problem(answer)

    shown, longer = await seen(**own), await seen(**own, duration_minutes=25)
    foreign = await seen(**organizers(new_id()))
    await anna.publish(anna.unpublished())
    unpublished = await seen(**own)
    await anna.publish(anna.denied())

    # The first day is full; half past nine on the next one is not asked for.
    assert [stamp(monday(days=1))] == shown[:1]
    assert stamp(monday(9, days=1)) == shown[-1] == longer[-1]
    assert (404, "not-found") == foreign == await seen()
    assert shown == unpublished
    assert (404, "not-available") == await seen(**own)


async def test_a_type_that_is_not_known_yet_is_waited_for(
    availability: Availability, anna: Organizer
) -> None:
    kind = anna.meeting_type(visibility="private")
    asking = asyncio.create_task(
        availability.slots(
            kind.id,
            from_=stamp(monday(9)),
            to=stamp(monday(10)),
            **organizers(anna.id),
        )
    )
    await asyncio.sleep(0)
    await anna.publish(kind)

    assert 200 == (await asking).status_code


async def test_a_type_that_is_turned_off_has_no_slots_and_its_bookings_are_moved(
    availability: Availability, anna: Organizer
) -> None:
    kind = anna.meeting_type()
    private = anna.meeting_type(visibility="private", slug="private")
    await anna.publish(kind, private)
    link = await anna.link(private.id)
    held = anna.reserved(kind.id, monday(10))
    await anna.publish(held, anna.confirmed(held))
    await anna.publish(anna.changed(kind, enabled=False), anna.changed(private, enabled=False))
    window = {"from_": stamp(monday(9)), "to": stamp(monday(12))}

    public = await availability.slots(kind.id, **window)
    by_link = await availability.slots(private.id, **window, X_Link_Token=link_token(link))
    moved = await availability.slots(
        kind.id,
        **window,
        rescheduling=str(held.booking_id),
        X_Manage_Token=manage_token(held),
    )
    new = await anna.judged(anna.reserved(kind.id, monday(11)))
    move = anna.reserved(kind.id, monday(11), booking_id=held.booking_id, purpose="reschedule")
    await anna.publish(move)
    answers = await anna.answers(held, 2)

    assert (404, 403, 200) == (public.status_code, by_link.status_code, moved.status_code)
    assert stamp(monday(10)) in [slot["start"] for slot in moved.json()["slots"]]
    assert ["enabled"] == new
    assert () == answers[1].event.reasons
