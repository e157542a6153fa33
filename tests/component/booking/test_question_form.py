"""The form of a held time asks the organizer's questions, and keeps what was typed into it."""

from collections.abc import AsyncIterator

import pytest

from contracts.topics import BOOKING_EVENTS
from tests.component.booking.booking_service import BookingService, Organizer, day
from tests.component.booking.browsing import WHO, Visitor, browsing, heading, hold, offer
from tests.component.booking.conftest import FreeTimesServer
from tests.component.kafka import eventually

QUESTIONS = [
    {"id": "topic", "label": "What is <b>it</b> about?", "required": True},
    {"id": "story", "label": "Tell us more", "kind": "long_text"},
    {"id": "drink", "label": "Tea?", "kind": "choice", "choices": ["Tea & milk", "Coffee"]},
    {"id": "rules", "label": "I agree", "kind": "checkbox", "required": True},
    {"id": "mobile", "label": "Your mobile", "kind": "phone"},
]
ANSWERS = {
    "answer.topic": "The bridge",
    "answer.story": "It moved.",
    "answer.drink": "Tea & milk",
    "answer.rules": "yes",
    "answer.mobile": "+45 12 34 56 78",
}


@pytest.fixture
async def visitor(service: BookingService) -> AsyncIterator[Visitor]:
    """Somebody in front of booking."""
    async with browsing(service) as client:
        yield Visitor(client)


async def test_the_form_asks_every_question_and_keeps_the_rest_when_one_is_wrong(
    service: BookingService, anna: Organizer, visitor: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type(questions=QUESTIONS)
    offer(free_times, day(3))
    held = await hold(visitor, kind, day(3))

    nothing = await visitor.submit(held, "/confirm", **WHO)
    faulty = {"answer.drink": "Beer", "answer.mobile": "call me", "answer.topic": "x" * 501}
    wrong = await visitor.submit(nothing, "/confirm", **WHO, **{**ANSWERS, **faulty})
    booked = await visitor.submit(wrong, "/confirm", **WHO, **ANSWERS)
    [seen] = (await anna.body_of("GET", "/bookings"))["items"]

    assert "What is &lt;b&gt;it&lt;/b&gt; about?" in held.text
    assert '<textarea id="answer-1" name="answer.story" rows="3" maxlength="4000">' in held.text
    assert "<option>Tea &amp; milk</option>" in held.text
    assert (
        '<a href="#answer-0"><span>What is &lt;b&gt;it&lt;/b&gt; about?</span></a>' in nothing.text
    )
    assert [422, 422, 200] == [answer.status_code for answer in (nothing, wrong, booked)]
    assert 'id="answer-0-fault">Please answer this question.' in nothing.text
    assert 'id="answer-3-fault">Please answer this question.' in nothing.text
    assert 'id="answer-0-fault">Please write at most 500 characters' in wrong.text
    assert 'id="answer-2-fault">Please choose one of the answers.' in wrong.text
    assert 'id="answer-4-fault">Please write a phone number' in wrong.text
    assert "It moved.</textarea>" in wrong.text
    assert 'id="answer-3" name="answer.rules" value="yes" checked required' in wrong.text
    assert "You are booked" == heading(booked)
    assert [
        ("What is <b>it</b> about?", "The bridge"),
        ("Tell us more", "It moved."),
        ("Tea?", "Tea & milk"),
        ("I agree", True),
        ("Your mobile", "+45 12 34 56 78"),
    ] == [(each["label"], each["value"]) for each in seen["answers"]]


async def test_the_visitor_chooses_the_place_and_gives_the_number_that_it_needs(
    service: BookingService, anna: Organizer, visitor: Visitor, free_times: FreeTimesServer
) -> None:
    places = [
        {"kind": "in_person", "address": "Bridge Street 7"},
        {"kind": "phone", "who_calls": "organizer"},
    ]
    kind = await anna.meeting_type(locations=places)
    offer(free_times, day(3))
    held = await hold(visitor, kind, day(3))

    silent = await visitor.submit(held, "/confirm", **WHO, place="1")
    booked = await visitor.submit(silent, "/confirm", **WHO, place="1", phone="+45 12 34 56 78")
    [seen] = (await anna.body_of("GET", "/bookings"))["items"]

    assert '<input type="radio" name="place" value="0" checked><bdi>Bridge Street 7' in held.text
    assert 422 == silent.status_code
    assert '<input type="radio" name="place" value="1" checked data-needs="phone">' in silent.text
    assert "You are booked" == heading(booked)
    assert "phone" == seen["location"]["kind"]


async def test_answers_are_kept_while_the_calendar_is_asked(
    service: BookingService,
    no_waiting: BookingService,
    anna: Organizer,
    free_times: FreeTimesServer,
) -> None:
    kind = await anna.meeting_type(questions=QUESTIONS[:2])
    offer(free_times, day(3), day(4))
    service.availability.silent.add(anna.id)
    for number, (start, story) in enumerate([(day(3), "It moved."), (day(4), "long " * 790)], 1):
        async with browsing(no_waiting) as client:
            visitor = Visitor(client)
            held = await hold(visitor, kind, start)
            typed = {"answer.topic": "The bridge", "answer.story": story}
            waiting = await visitor.submit(held, "/confirm", **WHO, **typed)
            reserved = await service.topics.one(
                BOOKING_EVENTS, anna.id, "SlotReserved", number=number
            )
            await service.availability.answer(reserved)
            [ready] = [
                each
                for each in (await anna.body_of("GET", "/bookings?status=held"))["items"]
                if each["start"] == start
            ]
            await _accepted(anna, ready["id"])
            booked = await visitor.submit(waiting, "/confirm")

        assert "being checked" in waiting.text
        assert "You are booked" == heading(booked)

    [first, second] = (await anna.body_of("GET", "/bookings"))["items"]
    assert ["It moved.", ("long " * 790).strip()] == [
        each["answers"][1]["value"] for each in (first, second)
    ]


async def _accepted(anna: Organizer, booking_id: str) -> None:
    async def accepted() -> bool:
        seen = await anna.body_of("GET", f"/bookings/{booking_id}")
        return bool(seen["verdict"] == "accepted")

    await eventually(accepted, "an accepted time")
