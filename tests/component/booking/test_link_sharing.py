"""The last use of a link is shared by those who hold a time with it, until one has confirmed."""

import asyncio
from typing import Any

import pytest

from contracts.topics import BOOKING_EVENTS
from services.booking.bookings.records import UNDISTURBED_SECONDS
from services.booking.domain.private_link.states import MOST_SHARING
from tests.component.booking.booking_service import (
    BookingService,
    Organizer,
    day,
    problem,
    vera,
)
from tests.component.kafka import eventually


@pytest.fixture
async def private(anna: Organizer) -> dict[str, Any]:
    """A private meeting type of Anna's."""
    return await anna.meeting_type(visibility="private")


async def made_earlier(service: BookingService, *held: dict[str, Any]) -> None:
    """Let the holds be old enough to give way to a newer visitor."""
    await service.booking.rows(
        "UPDATE bookings SET created_at = created_at - make_interval(secs => %s)"
        " WHERE id = ANY(%s) RETURNING id",
        UNDISTURBED_SECONDS + 1,
        [each["id"] for each in held],
    )


async def test_of_two_who_hold_with_a_single_use_link_the_first_to_confirm_has_it(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private)
    first = await service.held(private, day(3), token=link["token"])
    second = await service.held(private, day(4), token=link["token"])

    booked = await service.manage(second, "confirm", {"attendee": vera()})
    late = await service.manage(first, "confirm", {"attendee": vera()})

    assert (200, "confirmed") == (booked.status_code, booked.json()["status"])
    assert (410, "link-dead") == problem(late)
    assert "consumed" == late.json()["reason"]
    assert {"state": "consumed", "uses": 1}.items() <= (await anna.read_link(link)).items()


async def test_when_the_last_use_is_consumed_the_other_holds_free_their_times(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private)
    first = await service.held(private, day(3), token=link["token"])
    second = await service.held(private, day(4), token=link["token"])

    async with service.another_process("timers"):
        await service.manage(second, "confirm", {"attendee": vera()})
        released = await service.wait_until(first, status="released")
    late = await service.manage(first, "confirm", {"attendee": vera()})

    assert "released" == released["release_reason"]
    assert (410, "link-dead") == problem(late)
    other = await anna.link(private)
    await service.held(private, day(3), token=other["token"])


async def test_who_waits_for_the_calendar_while_another_consumes_the_link_hears_that_it_has_ended(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private)
    service.availability.silent.add(anna.id)
    waiting = asyncio.create_task(
        service.reserve(private, day(3), token=link["token"], attendee=vera())
    )
    await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved")
    second = await service.held(private, day(4), token=link["token"], wait=False)
    reserved = await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved", number=2)
    await service.availability.answer(reserved)
    await service.wait_until(second, verdict="accepted")

    async with service.another_process("timers"):
        await service.manage(second, "confirm", {"attendee": vera()})
        answer = await waiting

    assert (410, "link-dead") == problem(answer)
    assert "consumed" == answer.json()["reason"]


async def test_many_confirmations_of_the_last_use_at_once_have_one_winner(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private)
    held = [
        await service.held(private, day(3, hour), token=link["token"])
        for hour in range(MOST_SHARING)
    ]

    answers = await asyncio.gather(
        *(service.manage(each, "confirm", {"attendee": vera()}) for each in held)
    )
    lost = [answer for answer in answers if answer.status_code != 200]

    assert MOST_SHARING - 1 == len(lost)
    assert {(410, "link-dead")} == {problem(answer) for answer in lost}
    assert 1 == (await anna.events()).count("LinkUseConsumed")


async def test_a_person_gets_the_time_that_somebody_else_has_pressed_a_moment_ago(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    """A machine that follows links, or the same person in another browser, locks nobody out."""
    link = await anna.link(private)
    pressed = await service.held(private, day(3), token=link["token"])

    at_once = await service.reserve(private, day(3), token=link["token"])
    await made_earlier(service, pressed)
    held = await service.held(private, day(3), token=link["token"])
    booked = await service.manage(held, "confirm", {"attendee": vera()})

    assert (409, "slot-taken") == problem(at_once)
    assert 200 == booked.status_code, booked.text
    assert ("released", "released") == (
        (await service.read(pressed))["status"],
        (await service.read(pressed))["release_reason"],
    )


async def test_a_time_overlapping_one_that_shares_the_link_is_given_to_the_newest_too(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private)
    pressed = await service.held(private, day(3, 10, 0), token=link["token"])
    await made_earlier(service, pressed)

    await service.held(private, day(3, 10, 15), token=link["token"])

    assert "released" == (await service.read(pressed))["status"]


async def test_a_hold_with_a_link_for_several_bookings_keeps_its_time(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private, max_uses=2)
    held = await service.held(private, day(3), token=link["token"])
    await made_earlier(service, held)

    other = await service.reserve(private, day(3), token=link["token"])

    assert (409, "slot-taken") == problem(other)
    assert "held" == (await service.read(held))["status"]


async def test_a_hold_without_the_link_keeps_its_time(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    public, link = await anna.meeting_type(), await anna.link(private)
    held = await service.held(public, day(3))
    await made_earlier(service, held)

    assert (409, "slot-taken") == problem(
        await service.reserve(private, day(3), token=link["token"])
    )


async def test_at_most_ten_share_the_last_use_and_then_the_oldest_gives_way(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private)
    held = [
        await service.held(private, day(3, hour), token=link["token"])
        for hour in range(MOST_SHARING)
    ]

    crowded = await service.reserve(private, day(4), token=link["token"])
    await made_earlier(service, held[4])
    given = await service.held(private, day(4), token=link["token"])

    assert (409, "link-in-use") == problem(crowded)
    assert "held" == given["status"]
    assert ["held"] * 4 + ["released"] + ["held"] * 5 == [
        (await service.read(each))["status"] for each in held
    ]


async def test_a_released_link_hold_frees_its_time_for_the_organizers_public_page(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    public, link = await anna.meeting_type(), await anna.link(private)
    held = await service.held(private, day(3), token=link["token"])
    await anna.body_of("DELETE", f"/links/{link['id']}")

    async with service.another_process("timers"):
        await service.wait_until(held, status="released")

    async def free() -> bool:
        return (await service.reserve(public, day(3))).status_code == 201

    await eventually(free)
