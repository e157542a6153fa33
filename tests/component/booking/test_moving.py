"""Moving a booking: the new time is taken and the old one freed in the same moment, or neither."""

from typing import Any

from contracts.topics import BOOKING_ATTENDEES, BOOKING_EVENTS
from tests.component.booking.booking_service import (
    BookingService,
    Organizer,
    day,
    from_now,
    problem,
)
from tests.component.booking.conftest import FreeTimesServer
from tests.component.kafka import eventually


async def test_a_move_is_one_event_and_frees_the_old_time(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    booked = await service.booked(kind, day(3))

    answer = await service.manage(booked, "reschedule", {"start": day(4), "reason": "The train."})
    moved = answer.json()
    published = (await service.topics.one(BOOKING_EVENTS, anna.id, "BookingRescheduled")).event
    recorded = await service.topics.one(
        BOOKING_ATTENDEES, published.attendee_id, "AttendeeRecorded", number=2
    )

    assert 200 == answer.status_code
    assert ("confirmed", day(4), day(4, 10, 30), 1, "accepted", "The train.") == (
        moved["status"],
        moved["start"],
        moved["end"],
        moved["ics_sequence"],
        moved["verdict"],
        moved["change_reason"],
    )
    unmoved = ("id", "uid", "manage_token", "title", "attendee", "created_at")
    assert {name: booked[name] for name in unmoved} == {name: moved[name] for name in unmoved}
    assert ("attendee", 1, booked["uid"]) == (published.by, published.ics_sequence, published.uid)
    assert "The train." == recorded.event.change_reason
    assert ["SlotReserved", "BookingRescheduled"] == (await anna.events())[-2:]
    assert 201 == (await service.reserve(kind, day(3))).status_code
    assert (409, "slot-taken") == problem(await service.reserve(kind, day(4)))


async def test_both_times_are_taken_while_a_move_is_pending(
    service: BookingService, no_waiting: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    booked = await service.booked(kind, day(3))
    service.availability.silent.add(anna.id)

    pending = await no_waiting.manage(booked, "reschedule", {"start": day(4)})
    refused = [await service.reserve(kind, start) for start in (day(3), day(4))]
    again = await no_waiting.manage(booked, "reschedule", {"start": day(4)})
    await _answer(service, anna, 2)
    moved = await service.wait_until(booked, start=day(4))

    assert (202, "1") == (pending.status_code, pending.headers["retry-after"])
    assert (day(3), day(4), "confirmed") == (
        pending.json()["start"],
        pending.json()["pending_move"]["start"],
        pending.json()["status"],
    )
    assert [(409, "slot-taken")] * 2 == [problem(answer) for answer in refused]
    assert 202 == again.status_code
    assert moved["pending_move"] is None
    assert ["SlotReserved", "BookingRescheduled"] == (await anna.events())[-2:]


async def test_a_move_may_overlap_the_bookings_own_time(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    booked = await service.booked(kind, day(3))

    moved = await service.manage(booked, "reschedule", {"start": day(3, 10, 15)})

    assert (200, day(3, 10, 15)) == (moved.status_code, moved.json()["start"])
    assert 201 == (await service.reserve(kind, day(3, 9, 45))).status_code
    assert (409, "slot-taken") == problem(await service.reserve(kind, day(3, 10, 30)))


async def test_a_rejected_move_leaves_the_booking_as_it_was(
    service: BookingService, anna: Organizer, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type()
    booked = await service.booked(kind, day(3))
    service.availability.rejections[anna.id] = ("inside_hours",)
    free_times.slots.append({"start": day(4, 11), "end": day(4, 11, 30)})

    answer = await service.manage(booked, "reschedule", {"start": day(4)})

    assert (409, "slot-not-offered") == problem(answer)
    assert (["inside_hours"], free_times.slots) == (
        answer.json()["reasons"],
        answer.json()["alternatives"],
    )
    query, headers = free_times.requests[0]
    assert (booked["id"], booked["manage_token"]) == (
        query["rescheduling"],
        headers["x-manage-token"],
    )
    released = (await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReleased")).event
    assert ("rejected", "reschedule", day(4)) == (
        released.reason,
        released.purpose,
        released.model_dump(mode="json")["start"],
    )
    unchanged = {**booked, "version": booked["version"] + 2}
    assert unchanged == await service.read(booked)
    del service.availability.rejections[anna.id]
    assert 201 == (await service.reserve(kind, day(4))).status_code


async def test_the_reason_given_with_a_rejected_move_does_not_replace_the_last_changes(
    service: BookingService, anna: Organizer
) -> None:
    booked = await service.booked(await anna.meeting_type(), day(3))
    await service.manage(booked, "reschedule", {"start": day(4), "reason": "The train."})
    service.availability.rejections[anna.id] = ("inside_hours",)

    refused = [
        await service.manage(booked, "reschedule", {"start": day(5), **words})
        for words in ({"reason": "The dentist."}, {})
    ]

    assert [(409, "slot-not-offered")] * 2 == [problem(answer) for answer in refused]
    assert "The train." == (await service.read(booked))["change_reason"]
    del service.availability.rejections[anna.id]
    await service.manage(booked, "reschedule", {"start": day(6), "reason": "The weather."})
    assert "The weather." == (await service.read(booked))["change_reason"]


async def test_a_rejected_new_time_can_be_asked_for_again_and_gets_a_new_verdict(
    service: BookingService, no_waiting: BookingService, anna: Organizer
) -> None:
    booked = await service.booked(await anna.meeting_type(), day(3))
    service.availability.rejections[anna.id] = ("free",)
    rejected = await service.manage(booked, "reschedule", {"start": day(4)})
    del service.availability.rejections[anna.id]
    service.availability.silent.add(anna.id)

    pending = await no_waiting.manage(booked, "reschedule", {"start": day(4)})
    await _answer(service, anna, 3)
    moved = await service.manage(booked, "reschedule", {"start": day(4)})

    assert (409, "slot-not-offered") == problem(rejected)
    assert (202, day(4)) == (pending.status_code, pending.json()["pending_move"]["start"])
    assert (200, day(4), "accepted") == (
        moved.status_code,
        moved.json()["start"],
        moved.json()["verdict"],
    )


async def test_a_rejection_of_an_earlier_request_for_the_same_time_is_ignored(
    service: BookingService, no_waiting: BookingService, anna: Organizer
) -> None:
    """A to B, withdrawn, A to B again: both reservations are answered, the last answer counts."""
    booked = await service.booked(await anna.meeting_type(), day(3))
    service.availability.silent.add(anna.id)
    await no_waiting.manage(booked, "reschedule", {"start": day(4)})
    withdrawn = await no_waiting.manage(booked, "reschedule", {"start": day(3)})
    await _answer(service, anna, 2, "free")
    await _kept(service, booked, accepted=False)

    pending = await no_waiting.manage(booked, "reschedule", {"start": day(4)})
    await _answer(service, anna, 3)
    moved = await service.wait_until(booked, start=day(4))

    assert (200, None) == (withdrawn.status_code, withdrawn.json()["pending_move"])
    assert 202 == pending.status_code
    assert 1 == moved["ics_sequence"]


async def test_an_acceptance_of_an_earlier_request_for_the_same_time_is_ignored(
    service: BookingService, no_waiting: BookingService, anna: Organizer
) -> None:
    """A to B, withdrawn, A to B again; the calendar was filled between the two."""
    booked = await service.booked(await anna.meeting_type(), day(3))
    service.availability.silent.add(anna.id)
    for start in (day(4), day(3), day(4)):
        await no_waiting.manage(booked, "reschedule", {"start": start})

    await _answer(service, anna, 2)
    await _answer(service, anna, 3, "free")
    released = await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReleased", number=2)

    assert "rejected" == released.event.reason
    assert "BookingRescheduled" not in await anna.events()
    assert {**booked, "version": booked["version"] + 4} == await service.read(booked)


async def test_a_change_without_a_reason_removes_the_reason_of_the_change_before(
    service: BookingService, anna: Organizer
) -> None:
    booked = await service.booked(await anna.meeting_type(), day(3))
    await service.manage(booked, "reschedule", {"start": day(4), "reason": "The train."})

    cancelled = await service.manage(booked, "cancel")
    recorded = await service.topics.one(
        BOOKING_ATTENDEES,
        (await service.topics.one(BOOKING_EVENTS, anna.id, "BookingCancelled")).event.attendee_id,
        "AttendeeRecorded",
        number=3,
    )

    assert None is cancelled.json()["change_reason"]
    assert None is recorded.event.change_reason


async def test_a_move_without_a_verdict_within_its_hold_is_refused(
    service: BookingService, short_holds: BookingService, anna: Organizer
) -> None:
    booked = await service.booked(await anna.meeting_type(), day(3))
    service.availability.silent.add(anna.id)

    answer = await short_holds.manage(booked, "reschedule", {"start": day(4)})

    assert (409, "hold-over") == problem(answer)
    assert day(3) == (await service.wait_until(booked, pending_move=None))["start"]


async def test_a_second_request_to_move_replaces_the_first(
    service: BookingService, no_waiting: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    booked = await service.booked(kind, day(3))
    service.availability.silent.add(anna.id)

    await no_waiting.manage(booked, "reschedule", {"start": day(4)})
    second = await no_waiting.manage(booked, "reschedule", {"start": day(5)})
    await _answer(service, anna, 2)
    await _answer(service, anna, 3)
    moved = await service.wait_until(booked, start=day(5))

    assert day(5) == second.json()["pending_move"]["start"]
    assert 1 == moved["ics_sequence"]
    assert ["SlotReserved", "SlotReleased", "SlotReserved", "BookingRescheduled"] == (
        await anna.events()
    )[-4:]
    service.availability.silent.clear()
    assert [201, 201] == [
        (await service.reserve(kind, start)).status_code for start in (day(3), day(4))
    ]


async def test_a_move_to_the_bookings_own_time_adds_no_event(
    service: BookingService, anna: Organizer
) -> None:
    booked = await service.booked(await anna.meeting_type(), day(3))
    before = await anna.events()

    answer = await service.manage(booked, "reschedule", {"start": day(3)})

    assert (200, booked) == (answer.status_code, answer.json())
    assert before == await anna.events()


async def test_a_move_to_a_taken_time_is_refused(service: BookingService, anna: Organizer) -> None:
    kind = await anna.meeting_type()
    booked, _ = await service.booked(kind, day(3)), await service.held(kind, day(4))

    answer = await service.manage(booked, "reschedule", {"start": day(4)})

    assert (409, "slot-taken") == problem(answer)
    assert booked == await service.read(booked)


async def test_a_held_new_time_is_released_at_its_deadline(
    service: BookingService, short_holds: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    booked = await service.booked(kind, day(3))
    service.availability.silent.add(anna.id)
    await short_holds.manage(booked, "reschedule", {"start": day(4)}, Prefer="respond-async")
    await service.wait_until(booked, pending_move=None)
    await _answer(service, anna, 2)
    released = (await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReleased")).event

    assert ("timeout", "reschedule") == (released.reason, released.purpose)
    assert day(3) == (await service.read(booked))["start"]
    assert "BookingRescheduled" not in await anna.events()


async def test_a_booking_of_a_deleted_type_can_move_to_a_time_whose_hold_has_expired(
    service: BookingService, short_holds: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    booked = await service.booked(kind, day(3))
    held = await short_holds.held(await anna.meeting_type(), day(4))
    await anna.body_of("DELETE", f"/meeting-types/{kind['id']}")
    await service.wait_until(held, status="released")
    moved = await service.manage(booked, "reschedule", {"start": day(4)})

    assert (200, day(4)) == (moved.status_code, moved.json()["start"])


async def test_the_notice_binds_the_attendee_but_not_the_organizer(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(min_lead_minutes=0)
    booked = await service.booked(kind, from_now(minutes=90))
    await anna.body_of("PATCH", f"/meeting-types/{kind['id']}", {"min_lead_minutes": 120})

    late = await service.manage(booked, "reschedule", {"start": day(4)})
    too_soon = await service.manage(
        await service.booked(kind, day(5)), "reschedule", {"start": from_now(minutes=30)}
    )
    moved = await anna.call(
        "POST", f"/bookings/{booked['id']}/reschedule", {"start": from_now(minutes=30)}
    )

    assert (409, "change-too-late") == problem(late)
    assert late.json()["until"].endswith("Z")
    assert ((409, "slot-not-offered"), ["minimum_lead"]) == (
        problem(too_soon),
        too_soon.json()["reasons"],
    )
    assert 200 == moved.status_code
    published = (await service.topics.one(BOOKING_EVENTS, anna.id, "BookingRescheduled")).event
    assert "organizer" == published.by


async def test_a_cancelled_booking_is_not_moved(service: BookingService, anna: Organizer) -> None:
    booked = await service.booked(await anna.meeting_type(), day(3))
    await service.manage(booked, "cancel")

    assert (409, "state-conflict") == problem(
        await service.manage(booked, "reschedule", {"start": day(4)})
    )


async def test_a_move_while_the_page_is_unpublished_is_refused(
    service: BookingService, anna: Organizer
) -> None:
    booked = await service.booked(await anna.meeting_type(), day(3))
    await anna.body_of("POST", "/page/unpublish")

    answer = await service.manage(booked, "reschedule", {"start": day(4)})

    assert (404, "not-available") == problem(answer)


async def _answer(
    service: BookingService, organizer: Organizer, number: int, *against: str
) -> None:
    """Answer the organizer's nth reservation."""
    reserved = await service.topics.one(BOOKING_EVENTS, organizer.id, "SlotReserved", number)
    await service.availability.answer(reserved, *against)


async def _kept(service: BookingService, booking: dict[str, Any], *, accepted: bool) -> None:
    """Wait until a verdict on the booking has been consumed."""
    query = "SELECT 1 FROM verdicts WHERE booking_id = %s AND accepted = %s"
    await eventually(lambda: service.booking.rows(query, booking["id"], accepted))
