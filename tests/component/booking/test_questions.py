"""Questions: asked as they were when the time was held, answered with their labels."""

from contracts.topics import BOOKING_ATTENDEES, BOOKING_EVENTS
from tests.component.booking.booking_service import (
    BookingService,
    Organizer,
    day,
    pointers,
    problem,
    vera,
)

TOPIC = {"id": "topic", "label": "What is it about?", "required": True}
DRINK = {"id": "drink", "label": "Tea or coffee?", "kind": "choice", "choices": ["Tea", "Coffee"]}


async def test_answers_are_checked_against_the_questions(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(questions=[TOPIC, DRINK])

    missing = await service.reserve(kind, day(3), attendee=vera())
    wrong = await service.reserve(
        kind,
        day(3),
        attendee=vera(),
        answers=[
            {"question_id": "drink", "value": "Beer"},
            {"question_id": "topic", "value": " "},
            {"question_id": "shoe", "value": "44"},
        ],
    )
    held = await service.reserve(kind, day(3), answers=[{"question_id": "topic", "value": "x"}])
    shown = await service.call("GET", f"/public/meeting-types/{kind['id']}")

    assert {"#/answers/0/value"} == pointers(missing)
    assert "What is it about?" in missing.json()["errors"][0]["detail"]
    assert {"#/answers/0/value", "#/answers/1/value", "#/answers/2/question_id"} == pointers(wrong)
    assert {"#/answers"} == pointers(held)
    assert ["topic", "drink"] == [each["id"] for each in shown.json()["questions"]]
    assert "released" not in {each["status"] for each in await bookings(anna)}


async def bookings(organizer: Organizer) -> list[dict[str, str]]:
    found: list[dict[str, str]] = (await organizer.body_of("GET", "/bookings"))["items"]
    return found


async def test_what_was_asked_at_the_hold_is_what_counts(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(questions=[TOPIC, DRINK])
    held = await service.held(kind, day(3))
    renamed = {**TOPIC, "label": "And the topic?"}
    needed = {"id": "size", "label": "Which size?", "required": True}
    path = f"/meeting-types/{kind['id']}"
    await anna.body_of("PATCH", path, {"title": "Another title"})
    await anna.body_of("PATCH", path, {"questions": [renamed, needed]})

    answers = [{"question_id": "drink", "value": "Tea"}, {"question_id": "topic", "value": "Ropes"}]
    confirmed = await service.manage(held, "confirm", {"attendee": vera(), "answers": answers})
    again = await service.manage(held, "confirm", {"attendee": vera(), "answers": answers})
    fresh = await service.reserve(kind, day(4), attendee=vera(), answers=answers)
    published = (await service.topics.one(BOOKING_EVENTS, anna.id, "BookingConfirmed")).event
    recorded = await service.topics.one(
        BOOKING_ATTENDEES, published.attendee_id, "AttendeeRecorded"
    )

    kept = [
        {"question_id": "topic", "label": "What is it about?", "value": "Ropes"},
        {"question_id": "drink", "label": "Tea or coffee?", "value": "Tea"},
    ]
    assert (200, kept) == (confirmed.status_code, confirmed.json()["answers"])
    assert kept == again.json()["answers"] == recorded.body["answers"]
    assert kept == (await anna.body_of("GET", f"/bookings/{held['id']}"))["answers"]
    assert {"#/answers/0/question_id", "#/answers/2/value"} == pointers(fresh)


async def test_no_event_but_the_attendees_record_has_an_answer(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(questions=[TOPIC])
    answers = [{"question_id": "topic", "value": "a very private matter"}]
    booked = await service.booked(kind, day(3), answers=answers)
    await service.manage(booked, "cancel")
    await service.topics.one(BOOKING_EVENTS, anna.id, "BookingCancelled")

    stored = await service.booking.rows(
        "SELECT data::text FROM events WHERE partition_key = %s", str(anna.id)
    )

    assert not any("private matter" in row["data"] for row in stored)
    assert not any(
        b"private matter" in (each.record.value or b"")
        for each in service.topics.of(BOOKING_EVENTS, anna.id)
    )


async def test_a_hold_of_before_is_confirmed_again_only_with_the_same_answers(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(questions=[TOPIC])
    answers = [{"question_id": "topic", "value": "Ropes"}]
    booked = await service.booked(kind, day(3), answers=answers)

    other = await service.manage(
        booked,
        "confirm",
        {"attendee": vera(), "answers": [{"question_id": "topic", "value": "Knots"}]},
    )

    assert (409, "state-conflict") == problem(other)
