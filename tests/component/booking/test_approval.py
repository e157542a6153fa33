"""A meeting type that asks for approval: a request waits for its organizer's answer."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

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


@pytest.fixture
async def kind(anna: Organizer) -> dict[str, Any]:
    """A meeting type whose bookings Anna approves."""
    return await anna.meeting_type(approval_required=True, approval_deadline_minutes=600)


async def requested(service: BookingService, kind: dict[str, Any], start: str) -> dict[str, Any]:
    """Return a request of Vera's that waits for its answer."""
    booking = await service.held(kind, start, attendee=vera())
    assert booking["status"] == "requested"
    return booking


async def answer(anna: Organizer, booking: dict[str, Any], word: str, body: Any = None) -> Any:
    """Return Anna's view of the booking after her answer."""
    return await anna.body_of("POST", f"/bookings/{booking['id']}/{word}", body)


async def test_a_request_holds_its_time_until_it_is_approved(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    asked = await requested(service, kind, day(3))
    second = await service.reserve(kind, day(3), attendee=vera())

    approved = await answer(anna, asked, "approve")
    again = await answer(anna, asked, "approve")
    published = (await service.topics.one(BOOKING_EVENTS, anna.id, "BookingConfirmed")).event

    assert from_now(minutes=598) < asked["answer_by"] < from_now(minutes=601)
    assert (409, "slot-taken") == problem(second)
    assert ("confirmed", None, 0) == (
        approved["status"],
        approved["answer_by"],
        approved["ics_sequence"],
    )
    assert approved == again
    assert (anna.id, asked["uid"], 0) == (
        published.approved_by,
        published.uid,
        published.ics_sequence,
    )
    assert ["SlotReserved", "BookingRequested", "BookingConfirmed"] == (await anna.events())[-3:]


async def test_a_declined_request_frees_its_time_and_tells_the_reason_to_its_attendee_only(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    asked = await requested(service, kind, day(3))

    declined = await answer(anna, asked, "decline", {"reason": "I am at sea"})
    again = await answer(anna, asked, "decline")
    event = (await service.topics.one(BOOKING_EVENTS, anna.id, "BookingDeclined")).event
    record = (
        await service.topics.one(BOOKING_ATTENDEES, event.attendee_id, "AttendeeRecorded", 2)
    ).event

    assert ("declined", "declined") == (declined["status"], declined["decline_reason"])
    assert declined == again
    assert ("organizer", "declined") == (event.by, event.reason)
    assert "sea" not in event.model_dump_json()
    assert ("I am at sea", event.version) == (record.change_reason, record.version)
    assert "I am at sea" == (await service.read(asked))["change_reason"]
    await requested(service, kind, day(3))


async def test_only_the_organizer_answers_a_request(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    asked = await requested(service, kind, day(3))

    by_attendee = [await service.manage(asked, word) for word in ("approve", "decline")]
    stranger = await service.organizer()
    by_stranger = await stranger.call("POST", f"/bookings/{asked['id']}/approve")
    by_nobody = await service.call("POST", f"/bookings/{asked['id']}/approve")
    by_get = await anna.call("GET", f"/bookings/{asked['id']}/approve")

    assert [(403, "forbidden")] * 2 == [problem(each) for each in by_attendee]
    assert [(404, "not-found"), (401, "unauthenticated"), (405, "method-not-allowed")] == [
        problem(each) for each in (by_stranger, by_nobody, by_get)
    ]
    assert "requested" == (await service.read(asked))["status"]


async def test_a_request_is_moved_by_its_attendee_and_approved_at_the_new_time(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    asked = await requested(service, kind, day(3))

    moved = await service.manage(asked, "reschedule", {"start": day(4), "reason": "The tide"})
    approved = await answer(anna, asked, "approve")

    assert (200, "requested", day(4), asked["answer_by"]) == (
        moved.status_code,
        moved.json()["status"],
        moved.json()["start"],
        moved.json()["answer_by"],
    )
    assert ("confirmed", day(4), 0) == (
        approved["status"],
        approved["start"],
        approved["ics_sequence"],
    )
    events = await anna.events()
    assert 1 == events.count("BookingRequested")
    assert ["SlotReserved", "RequestRescheduled", "BookingConfirmed"] == events[-3:]
    await requested(service, kind, day(3))


async def test_an_attendees_move_of_an_approved_booking_waits_and_a_declined_one_changes_nothing(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    asked = await requested(service, kind, day(3))
    booked = await answer(anna, asked, "approve")

    moving = await service.manage(asked, "reschedule", {"start": day(4)})
    declined = await answer(anna, asked, "decline", {"reason": "Not on a Friday"})
    refused = await anna.call("POST", f"/bookings/{asked['id']}/decline")

    assert (202, "confirmed", day(3), True) == (
        moving.status_code,
        moving.json()["status"],
        moving.json()["start"],
        moving.json()["pending_move"]["awaits_approval"],
    )
    kept = ("status", "start", "uid", "ics_sequence", "pending_move")
    assert [booked[name] for name in kept] == [declined[name] for name in kept]
    assert (409, "state-conflict") == problem(refused)
    assert ["RescheduleApprovalRequested", "RescheduleDeclined"] == (await anna.events())[-2:]
    await requested(service, kind, day(4))


async def test_an_approved_move_takes_the_new_time(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    asked = await requested(service, kind, day(3))
    await answer(anna, asked, "approve")
    await service.manage(asked, "reschedule", {"start": day(4)})

    moved = await answer(anna, asked, "approve")
    published = (await service.topics.one(BOOKING_EVENTS, anna.id, "BookingRescheduled")).event

    assert (day(4), 1) == (moved["start"], moved["ics_sequence"])
    assert ("attendee", anna.id) == (published.by, published.approved_by)
    await requested(service, kind, day(3))


async def test_the_organizer_moves_without_an_approval(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    asked = await requested(service, kind, day(3))
    await answer(anna, asked, "approve")

    moved = await answer(anna, asked, "reschedule", {"start": day(4)})

    assert ("confirmed", day(4)) == (moved["status"], moved["start"])


async def test_a_withdrawn_request_is_cancelled_and_cannot_be_approved(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    asked = await requested(service, kind, day(3))

    withdrawn = await service.manage(asked, "cancel", {"reason": "Found another way"})
    approved = await anna.call("POST", f"/bookings/{asked['id']}/approve")

    assert (200, "cancelled", "withdrawn") == (
        withdrawn.status_code,
        withdrawn.json()["status"],
        withdrawn.json()["decline_reason"],
    )
    assert (409, "state-conflict") == problem(approved)
    assert "withdrawn" in approved.json()["detail"]


async def test_of_an_approval_and_a_withdrawal_at_one_moment_one_wins(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    for days in (3, 4, 5):
        asked = await requested(service, kind, day(days))

        approved, withdrawn = await asyncio.gather(
            anna.call("POST", f"/bookings/{asked['id']}/approve"), service.manage(asked, "cancel")
        )
        status = (await service.read(asked))["status"]

        # Whoever cancels last cancels: a request, or the meeting that was approved just before.
        assert 200 == withdrawn.status_code
        assert "cancelled" == status
        assert approved.status_code in (200, 409)


async def test_a_request_is_never_held_past_its_start_and_ends_there_by_itself(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(approval_required=True, min_lead_minutes=0)
    start = from_now(seconds=65)[:16] + ":00Z"  # the next full minute but for its last seconds

    asked = await requested(service, kind, start)
    await asyncio.sleep((datetime.fromisoformat(start) - datetime.now(UTC)).total_seconds())
    ended = await service.wait_until(asked, status="declined")  # before its timer fires
    async with service.another_process("timers"):
        event = (await service.topics.one(BOOKING_EVENTS, anna.id, "BookingDeclined")).event
    late = await anna.call("POST", f"/bookings/{asked['id']}/approve")

    assert asked["answer_by"] == asked["start"]
    assert "timeout" == ended["decline_reason"]
    assert (None, "timeout") == (event.by, event.reason)
    assert (409, "state-conflict") == problem(late)
    assert "in time" in late.json()["detail"]


async def test_a_policy_that_turns_the_page_off_ends_its_requests(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    asked = await requested(service, kind, day(3))
    booked = await answer(anna, await requested(service, kind, day(4)), "approve")

    await service.withdraw(anna)
    ended = await service.wait_until(asked, status="declined")
    approved = await anna.call("POST", f"/bookings/{asked['id']}/approve")
    event = (await service.topics.one(BOOKING_EVENTS, anna.id, "BookingDeclined")).event

    assert "policy_disabled" == ended["decline_reason"]
    assert ("administrator", "policy_disabled") == (event.by, event.reason)
    assert (409, "state-conflict") == problem(approved)
    assert "administrator" in approved.json()["detail"]
    assert "confirmed" == (await anna.body_of("GET", f"/bookings/{booked['id']}"))["status"]


async def test_a_calendar_that_has_changed_is_told_at_the_approval(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    asked = await requested(service, kind, day(3))
    reserved = await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved")

    await service.availability.answer(reserved, "free")
    await service.wait_until(asked, verdict="rejected")
    approved = await anna.call("POST", f"/bookings/{asked['id']}/approve")
    await service.availability.answer(reserved)
    await service.wait_until(asked, verdict="accepted")

    assert (409, "slot-not-offered") == problem(approved)
    assert ["free"] == approved.json()["reasons"]
    assert "confirmed" == (await answer(anna, asked, "approve"))["status"]


async def test_verdicts_that_come_late_twice_or_out_of_order_leave_a_request_as_it_is(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    asked = await requested(service, kind, day(3))
    first = await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved")
    moved = await service.manage(asked, "reschedule", {"start": day(4)})
    second = await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved", 2)
    before = await anna.events()

    await service.availability.answer(second)
    await service.availability.answer(first, "free")
    await service.availability.answer(second, "free", causation_id=first.header("ce_id"))
    await requested(service, kind, day(6))  # its verdict comes behind all of these
    seen = await service.read(asked)

    assert 200 == moved.status_code
    assert [*before, "SlotReserved", "BookingRequested"] == await anna.events()
    assert ("requested", day(4), None) == (seen["status"], seen["start"], seen["pending_move"])


async def test_the_organizer_sees_the_day_around_a_request(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    other = await anna.meeting_type(title="The other one")
    booked = await service.booked(other, day(3, 8))
    await service.booked(other, day(4, 8))
    asked = await requested(service, kind, day(3))

    seen = await anna.body_of("GET", f"/bookings/{asked['id']}")

    assert [(booked["id"], "confirmed", "The other one", day(3, 8))] == [
        (each["id"], each["status"], each["title"], each["start"]) for each in seen["day_around"]
    ]
    assert None is (await service.read(asked))["day_around"]


async def test_a_declined_request_gives_the_use_of_its_link_back_and_an_approved_one_takes_it(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(approval_required=True, visibility="private")
    link = await anna.link(kind)
    asked = await service.held(kind, day(3), token=link["token"], attendee=vera())

    waiting = await anna.read_link(link)
    await answer(anna, asked, "decline")
    free = await anna.read_link(link)
    again = await service.held(kind, day(4), token=link["token"], attendee=vera())
    await answer(anna, again, "approve")

    assert ["held", "active", "consumed"] == [
        each["state"] for each in (waiting, free, await anna.read_link(link))
    ]


async def test_of_two_requests_that_share_a_links_last_use_one_is_approved(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(approval_required=True, visibility="private")
    link = await anna.link(kind)
    first = await service.held(kind, day(3), token=link["token"], attendee=vera())
    second = await service.held(kind, day(4), token=link["token"], attendee=vera())

    await answer(anna, first, "approve")
    late = await anna.call("POST", f"/bookings/{second['id']}/approve")
    waiting = await service.read(second)

    assert (410, "link-dead") == problem(late)
    assert "consumed" == late.json()["reason"]
    assert "requested" == waiting["status"]


async def test_an_organizer_books_on_behalf_of_an_attendee_without_lead_time_and_approval(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(
        approval_required=True, verification_required=True, min_lead_minutes=600
    )
    asked = {"meeting_type_id": kind["id"], "start": from_now_minute(30), "attendee": vera()}

    booked = await anna.body_of("POST", "/bookings", asked)
    published = (await service.topics.one(BOOKING_EVENTS, anna.id, "BookingConfirmed")).event
    by_attendee = await service.call("POST", "/bookings", {**asked, "start": from_now_minute(90)})

    assert ("confirmed", None) == (booked["status"], booked["manage_token"])
    assert ("organizer", None) == (published.by, published.approved_by)
    assert ["minimum_lead"] == by_attendee.json()["reasons"]


def from_now_minute(minutes: int) -> str:
    """Return the full minute that far from now."""
    return from_now(minutes=minutes)[:16] + ":00Z"


@pytest.mark.parametrize("word", ["decline", "ask-to-reschedule"])
async def test_a_reason_that_cannot_be_is_refused_and_nothing_happens(
    service: BookingService, anna: Organizer, kind: dict[str, Any], word: str
) -> None:
    asked = await requested(service, kind, day(3))
    before = await anna.events()
    faulty = ["x" * 1001, "a\u202eb", "a\x00b", 5, None, ["x"]]

    for reason in faulty:
        refused = await anna.call("POST", f"/bookings/{asked['id']}/{word}", {"reason": reason})

        assert {"#/reason"} == pointers(refused), reason
    unknown = await anna.call("POST", f"/bookings/{asked['id']}/{word}", {"why": "x"})
    whole = await anna.call("POST", f"/bookings/{asked['id']}/{word}", ["x"])

    assert {"#/why"} == pointers(unknown)
    assert 422 == whole.status_code
    assert before == await anna.events()


async def test_a_second_request_about_the_same_is_the_same(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    name = key()

    first = await service.reserve(kind, day(3), key=name, attendee=vera())
    second = await service.reserve(kind, day(3), key=name, attendee=vera())

    assert first.json() == second.json()
    assert 1 == (await anna.events()).count("BookingRequested")


async def test_the_organizer_asks_for_another_time_and_the_booking_is_kept_until_it_is_moved(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(change_cutoff_minutes=60 * 24 * 10)
    booked = await service.booked(kind, day(3))

    too_late = await service.manage(booked, "reschedule", {"start": day(4)})
    asked = await answer(anna, booked, "ask-to-reschedule", {"reason": "The dentist"})
    again = await answer(anna, booked, "ask-to-reschedule")
    event = (await service.topics.one(BOOKING_EVENTS, anna.id, "RescheduleRequested")).event
    by_attendee = await service.manage(booked, "ask-to-reschedule")
    moved = await service.manage(booked, "reschedule", {"start": day(4)})

    assert (409, "change-too-late") == problem(too_late)
    assert ("confirmed", day(3), True, 0) == (
        asked["status"],
        asked["start"],
        asked["asked_to_reschedule"],
        asked["ics_sequence"],
    )
    assert asked == again
    assert "organizer" == event.by
    assert (403, "forbidden") == problem(by_attendee)
    assert (200, day(4), False) == (
        moved.status_code,
        moved.json()["start"],
        moved.json()["asked_to_reschedule"],
    )
