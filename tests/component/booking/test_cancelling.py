"""Cancelling: once, by either party, in time; and what the lists show of it all."""

from contracts.topics import BOOKING_ATTENDEES, BOOKING_EVENTS
from tests.component.booking.booking_service import (
    BookingService,
    Organizer,
    day,
    from_now,
    key,
    pointers,
    problem,
    vera,
)


async def test_a_cancelled_booking_frees_its_time_and_is_published_once(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    booked = await service.booked(kind, day(3))

    cancelled = await service.manage(booked, "cancel", {"reason": "The flu."})
    again = await service.manage(booked, "cancel", {"reason": "Really."})
    published = (await service.topics.one(BOOKING_EVENTS, anna.id, "BookingCancelled")).event
    recorded = await service.topics.one(
        BOOKING_ATTENDEES, published.attendee_id, "AttendeeRecorded", number=2
    )

    assert (200, "cancelled", 1, "The flu.") == (
        cancelled.status_code,
        cancelled.json()["status"],
        cancelled.json()["ics_sequence"],
        cancelled.json()["change_reason"],
    )
    assert (200, cancelled.json()) == (again.status_code, again.json())
    assert 1 == (await anna.events()).count("BookingCancelled")
    assert ("attendee", 1, booked["uid"]) == (published.by, published.ics_sequence, published.uid)
    assert "The flu." == recorded.event.change_reason
    assert 201 == (await service.reserve(kind, day(3))).status_code
    assert (409, "state-conflict") == problem(
        await service.manage(booked, "confirm", {"attendee": vera()})
    )


async def test_an_organizer_may_cancel_when_it_is_too_late_for_the_attendee(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(min_lead_minutes=0)
    booked = await service.booked(kind, from_now(minutes=90))
    await anna.body_of("PATCH", f"/meeting-types/{kind['id']}", {"min_lead_minutes": 120})

    late = await service.manage(booked, "cancel")
    cancelled = await anna.call("POST", f"/bookings/{booked['id']}/cancel")

    assert (409, "change-too-late") == problem(late)
    assert (200, "cancelled") == (cancelled.status_code, cancelled.json()["status"])
    published = (await service.topics.one(BOOKING_EVENTS, anna.id, "BookingCancelled")).event
    assert "organizer" == published.by


async def test_a_cancellation_releases_the_new_time_of_a_pending_move(
    service: BookingService, no_waiting: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    booked = await service.booked(kind, day(3))
    service.availability.silent.add(anna.id)
    await no_waiting.manage(booked, "reschedule", {"start": day(4)})

    await service.manage(booked, "cancel")
    await service.availability.answer(
        await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved", 2)
    )
    service.availability.silent.clear()

    assert ["SlotReleased", "BookingCancelled"] == (await anna.events())[-2:]
    taken = [await service.reserve(kind, start) for start in (day(3), day(4))]
    assert [201, 201] == [answer.status_code for answer in taken]


async def test_a_cancellation_sent_again_with_its_key_gets_the_same_answer(
    service: BookingService, anna: Organizer
) -> None:
    booked, name = await service.booked(await anna.meeting_type(), day(3)), key()

    answers = [await service.manage(booked, "cancel", Idempotency_Key=name) for _ in range(2)]

    assert answers[0].json() == answers[1].json()
    assert "true" == answers[1].headers["idempotent-replayed"]


async def test_a_reason_with_control_characters_or_too_long_is_refused_and_changes_nothing(
    service: BookingService, anna: Organizer
) -> None:
    booked = await service.booked(await anna.meeting_type(), day(3))

    bell = await service.manage(booked, "cancel", {"reason": "\x07"})
    long = await service.manage(booked, "cancel", {"reason": "x" * 1001})

    assert {"#/reason"} == pointers(bell) == pointers(long)
    assert booked == await service.read(booked)


async def test_bookings_are_listed_by_status_and_in_pages(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    booked = [await service.booked(kind, day(3 + n)) for n in range(3)]
    held = await service.held(kind, day(6))
    released = await service.held(kind, day(7))
    await service.manage(released, "release")
    await service.manage(booked[2], "cancel")

    async def ids(query: str) -> list[str]:
        listed = await anna.body_of("GET", f"/bookings?{query}")
        return [each["id"] for each in listed["items"]]

    assert [each["id"] for each in booked] == await ids("")
    assert [held["id"]] == await ids("status=held")
    assert [released["id"]] == await ids("status=released")
    assert [booked[2]["id"]] == await ids("status=cancelled")
    assert [booked[0]["id"], booked[1]["id"], held["id"]] == await ids(
        "status=confirmed&status=held"
    )
    first = await anna.body_of("GET", "/bookings?limit=2")
    second = await anna.body_of("GET", f"/bookings?limit=2&cursor={first['next_cursor']}")
    assert [each["id"] for each in booked] == [
        each["id"] for each in (*first["items"], *second["items"])
    ]
    assert second["next_cursor"] is None
    assert vera() == first["items"][0]["attendee"]


async def test_a_hold_past_its_deadline_is_listed_as_released_before_any_timer_has_fired(
    service: BookingService, short_holds: BookingService, anna: Organizer
) -> None:
    held = await short_holds.held(await anna.meeting_type(), day(3))
    await service.wait_until(held, status="released")

    by_status = {
        status: [
            each["id"]
            for each in (await anna.body_of("GET", f"/bookings?status={status}"))["items"]
        ]
        for status in ("held", "released")
    }

    assert {"held": [], "released": [held["id"]]} == by_status


async def test_a_faulty_query_of_a_list_is_refused_at_its_parameter(anna: Organizer) -> None:
    for query, pointer in {
        "limit=0": "#/query/limit",
        "limit=201": "#/query/limit",
        "cursor=x": "#/query/cursor",
        "status=lost": "#/query/status",
    }.items():
        assert {pointer} == pointers(await anna.call("GET", f"/bookings?{query}"))


async def test_every_event_is_stored_with_its_actor(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    booked = await service.booked(kind, day(3))
    await service.manage(booked, "cancel")
    found = await service.booking.rows(
        "SELECT type, metadata->>'actor' AS actor FROM events WHERE partition_key = %s",
        str(anna.id),
    )
    actors = {row["type"]: row["actor"] for row in found}

    assert f"organizer:{anna.id}" == actors["PageCreated"] == actors["MeetingTypeCreated"]
    assert "service:booking" == actors["PageAllowed"]
    assert "visitor" == actors["SlotReserved"]
    assert "attendee" == actors["BookingCancelled"]
