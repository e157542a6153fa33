"""Name and answers of a booking are edited without moving it."""

from typing import Any

import httpx
import pytest

from contracts.topics import BOOKING_ATTENDEES, BOOKING_EVENTS
from tests.component.booking.booking_service import (
    BookingService,
    Organizer,
    day,
    pointers,
    problem,
    vera,
)

TOPIC = {"id": "topic", "label": "What is it about?", "kind": "text", "required": True}
FIRST = {"id": "first", "label": "Is it your first time?", "kind": "checkbox", "required": False}


@pytest.fixture
async def booked(service: BookingService, anna: Organizer) -> dict[str, Any]:
    """A booking of Vera's about a bridge."""
    kind = await anna.meeting_type(questions=[TOPIC, FIRST])
    answers = [{"question_id": "topic", "value": "The old bridge"}]
    return await service.held(kind, day(3), attendee=vera(), answers=answers)


async def edit(
    service: BookingService, booking: dict[str, Any], body: Any, **headers: str
) -> httpx.Response:
    """Edit the booking by its manage token."""
    given = {"X-Manage-Token": booking["manage_token"], **headers}
    return await service.call("PATCH", f"/bookings/{booking['id']}", body, given)


async def test_a_name_is_edited_and_both_calendars_hear_of_it(
    service: BookingService, anna: Organizer, booked: dict[str, Any]
) -> None:
    edited = await edit(service, booked, {"name": "Vera Voyager"})
    again = await edit(service, booked, {"name": "Vera Voyager"})
    event = (await service.topics.one(BOOKING_EVENTS, anna.id, "BookingDetailsChanged")).event
    record = (
        await service.topics.one(BOOKING_ATTENDEES, event.attendee_id, "AttendeeRecorded", 2)
    ).event

    assert (200, "Vera Voyager", 1, booked["start"]) == (
        edited.status_code,
        edited.json()["attendee"]["name"],
        edited.json()["ics_sequence"],
        edited.json()["start"],
    )
    assert edited.json() == again.json()
    assert (("name",), "attendee", 1) == (event.changed, event.by, event.ics_sequence)
    assert "Voyager" not in event.model_dump_json()
    assert ("Vera Voyager", event.version) == (record.name, record.version)


async def test_an_answer_is_edited_by_the_organizer_too_and_keeps_its_label_and_the_sequence(
    service: BookingService, anna: Organizer, booked: dict[str, Any]
) -> None:
    change = {"answers": [{"question_id": "topic", "value": "The new bridge"}]}

    edited = await anna.body_of("PATCH", f"/bookings/{booked['id']}", change)
    event = (await service.topics.one(BOOKING_EVENTS, anna.id, "BookingDetailsChanged")).event

    assert [("topic", "The new bridge", "What is it about?")] == [
        (each["question_id"], each["value"], each["label"]) for each in edited["answers"]
    ]
    assert 0 == edited["ics_sequence"]
    assert (("answers",), "organizer") == (event.changed, event.by)


async def test_what_cannot_be_is_refused_and_named(
    service: BookingService, anna: Organizer, booked: dict[str, Any]
) -> None:
    faulty = [
        ({"name": ""}, {"#/name"}),
        ({"name": None}, {"#/name"}),
        ({"name": "a\nb"}, {"#/name"}),
        ({"phone": "call me"}, {"#/phone"}),
        ({"email": "vera@elsewhere.example"}, {"#/email"}),
        ({"answers": [{"question_id": "shoe", "value": "42"}]}, {"#/answers/0/question_id"}),
        ({"answers": [{"question_id": "topic", "value": ""}]}, {"#/answers/0/value"}),
        ({"answers": [{"question_id": "topic", "value": True}]}, {"#/answers/0/value"}),
        ({"answers": [{"question_id": "first", "value": "yes"}]}, {"#/answers/0/value"}),
    ]
    before = await anna.events()

    for body, named in faulty:
        answer = await edit(service, booked, body)

        assert named == pointers(answer), (body, answer.text)
    assert before == await anna.events()


async def test_an_edit_of_an_older_version_and_one_of_a_cancelled_booking_are_refused(
    service: BookingService, booked: dict[str, Any]
) -> None:
    stale = await edit(service, booked, {"name": "Vera V."}, **{"If-Match": '"1"'})
    await service.manage(booked, "cancel")
    late = await edit(service, booked, {"name": "Vera V."})

    assert (412, "version-conflict") == problem(stale)
    assert (409, "state-conflict") == problem(late)


async def test_the_details_of_a_request_are_edited_while_it_waits(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(approval_required=True)
    asked = await service.held(kind, day(3), attendee=vera())

    edited = await edit(service, asked, {"name": "Vera Voyager"})
    event = (await service.topics.one(BOOKING_EVENTS, anna.id, "BookingDetailsChanged")).event

    assert ("requested", "Vera Voyager") == (
        edited.json()["status"],
        edited.json()["attendee"]["name"],
    )
    assert (False, 0) == (event.confirmed, event.ics_sequence)
