"""Reserving a time: what may be asked for, who gets it, when the hold is over."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.topics import BOOKING_EVENTS
from services.chassis.ids import new_id
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
from tests.component.booking.conftest import FreeTimesServer
from tests.component.kafka import eventually


async def test_a_time_is_held_for_five_minutes_and_published_for_availability(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(
        location={
            "kind": "online",
            "provider": "jitsi",
            "url_template": "https://meet.example/{booking_id}",
        }
    )

    answer = await service.reserve(kind, day(3))
    held = answer.json()
    published = (await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved")).event

    assert 201 == answer.status_code
    assert {
        "status": "held",
        "verdict": "accepted",
        "start": day(3),
        "end": day(3, 10, 30),
        "title": kind["title"],
        "join_url": None,  # shown only once it is booked
        "uid": f"{held['id']}@bookwith",
        "attendee": None,
    }.items() <= held.items()
    assert {"kind": "online", "provider": "jitsi", "url_template": None} == held["location"]
    lasts = datetime.fromisoformat(held["hold_expires_at"]) - datetime.fromisoformat(
        held["created_at"]
    )
    assert timedelta(minutes=5) == lasts
    assert (held["id"], "new", None, "attendee") == (
        str(published.booking_id),
        published.purpose,
        published.link_id,
        published.by,
    )
    assert (
        held["hold_expires_at"]
        == (await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReserved")).body["expires_at"]
    )
    assert held == await service.read(held)


async def test_a_time_in_another_offset_is_the_same_time(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()

    held = await service.held(kind, day(3, 10).replace("Z", "+02:00"))

    assert day(3, 8) == held["start"]


async def test_a_taken_time_is_refused_with_the_nearest_free_ones(
    service: BookingService, anna: Organizer, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type()
    await service.held(kind, day(3))
    free = [{"start": day(3, hour), "end": day(3, hour, 30)} for hour in (4, 8, 9, 11, 12, 13, 23)]
    free_times.slots.extend(free)

    overlapping = [await service.reserve(kind, day(3, 10, minute)) for minute in (0, 15)]
    overlapping.append(await service.reserve(kind, day(3, 9, 45)))
    meeting = [
        await service.reserve(kind, day(3, 9, 30)),
        await service.reserve(kind, day(3, 10, 30)),
    ]

    assert [(409, "slot-taken")] * 3 == [problem(each) for each in overlapping]
    assert free[1:6] == overlapping[0].json()["alternatives"]
    assert kind["id"] == free_times.requests[0][0]["meeting_type_id"]
    assert [201, 201] == [each.status_code for each in meeting]


async def test_two_types_of_one_organizer_share_the_time_and_two_organizers_do_not(
    service: BookingService, anna: Organizer
) -> None:
    bo = await service.organizer()
    await service.held(await anna.meeting_type(), day(3))

    own = await service.reserve(await anna.meeting_type(), day(3))
    other = await service.reserve(await bo.meeting_type(), day(3))

    assert ((409, "slot-taken"), 201) == (problem(own), other.status_code)


@pytest.mark.parametrize(
    ("start", "rule"),
    [
        (from_now(hours=-1), "in_the_past"),
        (from_now(minutes=115), "minimum_lead"),
        (from_now(days=61), "horizon"),
    ],
    ids=["past", "soon", "far"],
)
async def test_a_time_against_a_rule_is_refused_with_the_rule(
    service: BookingService, anna: Organizer, free_times: FreeTimesServer, start: str, rule: str
) -> None:
    kind = await anna.meeting_type()
    before = await anna.events()

    answer = await service.reserve(kind, start)

    assert (409, "slot-not-offered") == problem(answer)
    assert [rule] == answer.json()["reasons"]
    assert free_times.slots == answer.json()["alternatives"] == []
    assert before == await anna.events()


async def test_a_time_that_availability_rejects_is_refused_and_released(
    service: BookingService, anna: Organizer, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type(visibility="private")
    link = await anna.link(kind)
    service.availability.rejections[anna.id] = ("on_grid", "free")
    free_times.slots.append({"start": day(3, 11), "end": day(3, 11, 30)})

    answer = await service.reserve(kind, day(3), token=link["token"], attendee=vera())

    assert (409, "slot-not-offered") == problem(answer)
    assert ["on_grid", "free"] == answer.json()["reasons"]
    assert free_times.slots == answer.json()["alternatives"]
    assert link["token"] == free_times.requests[0][1]["x-link-token"]
    assert ["LinkUseTaken", "SlotReserved", "SlotReleased", "LinkUseReturned"] == (
        await anna.events()
    )[-4:]
    released = await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReleased")
    assert ("rejected", "new") == (released.event.reason, released.event.purpose)
    assert "active" == (await anna.read_link(link))["state"]
    del service.availability.rejections[anna.id]
    await service.booked(kind, day(3), token=link["token"])


async def test_a_private_type_is_not_found_without_its_own_link(
    service: BookingService, anna: Organizer
) -> None:
    bo = await service.organizer()
    kind, other = [await anna.meeting_type(visibility="private") for _ in range(2)]
    others = await anna.link(other)
    foreign = await bo.link(await bo.meeting_type(visibility="private"))
    booking = await service.held(await anna.meeting_type(), day(9))
    forged = others["token"][:-6] + "AAAAAA"

    answers = [
        await service.reserve(kind, day(3)),
        *[
            await service.reserve(kind, day(3), token=token)
            for token in (others["token"], foreign["token"], forged, booking["manage_token"], "x")
        ],
    ]

    assert [(404, "not-found")] * 6 == [problem(answer) for answer in answers]
    assert (404, "not-found") == problem(
        await service.call("GET", f"/public/meeting-types/{kind['id']}")
    )
    assert "active" == (await anna.read_link(others))["state"]


async def test_an_unknown_type_is_not_found(service: BookingService) -> None:
    assert (404, "not-found") == problem(await service.reserve({"id": str(new_id())}, day(3)))


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"start": day(3)}, "#/meeting_type_id"),
        ({"meeting_type_id": "x", "start": day(3)}, "#/meeting_type_id"),
        ({"meeting_type_id": str(new_id()), "start": "2031-01-01T10:00:00"}, "#/start"),
        ({"meeting_type_id": str(new_id()), "start": "tomorrow"}, "#/start"),
        ({"meeting_type_id": str(new_id()), "start": day(3), "end": day(4)}, "#/end"),
        (
            {
                "meeting_type_id": str(new_id()),
                "start": day(3),
                "attendee": {"name": "Vera", "email": "v@x.example", "time_zone": "Mars"},
            },
            "#/attendee/time_zone",
        ),
    ],
)
async def test_a_malformed_reservation_is_answered_with_pointers(
    service: BookingService, body: dict[str, Any], pointer: str
) -> None:
    assert pointer in pointers(await service.call("POST", "/bookings", body))


async def test_the_etag_of_a_held_booking_changes_with_its_verdict_and_at_its_deadline(
    service: BookingService, short_holds: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    asked = (await short_holds.reserve(kind, day(3), wait=False)).json()
    path, token = f"/bookings/{asked['id']}", {"X-Manage-Token": asked["manage_token"]}
    seen = [await service.call("GET", path, headers=token)]

    async def changed() -> bool:
        headers = {**token, "If-None-Match": seen[-1].headers["etag"]}
        answer = await service.call("GET", path, headers=headers)
        if answer.status_code == 200:
            seen.append(answer)
        return bool(seen[-1].json()["status"] == "released")

    await eventually(changed)

    assert 0 < len(seen) <= 3
    assert (await service.call("GET", path, headers={**token, "If-None-Match": "x"})).is_success


async def test_the_same_key_gives_the_same_answer_and_another_body_is_refused(
    service: BookingService, anna: Organizer
) -> None:
    kind, name = await anna.meeting_type(), key()

    first = await service.reserve(kind, day(3), key=name)
    second = await service.reserve(kind, day(3), key=name)
    other = await service.reserve(kind, day(4), key=name)

    assert first.json() == second.json()
    assert first.json()["manage_token"].startswith("bwm_")
    assert ("true", first.headers["etag"]) == (
        second.headers["idempotent-replayed"],
        second.headers["etag"],
    )
    assert (422, "idempotency-key-reused") == problem(other)
    assert 1 == (await anna.events()).count("SlotReserved")


async def test_a_refusal_is_repeated_under_the_same_key(
    service: BookingService, anna: Organizer
) -> None:
    kind, name = await anna.meeting_type(), key()
    held = await service.held(kind, day(3))

    refused = await service.reserve(kind, day(3), key=name)
    await service.manage(held, "release")
    again = await service.reserve(kind, day(3), key=name)

    assert (409, "slot-taken") == problem(refused) == problem(again)
    assert "true" == again.headers["idempotent-replayed"]


async def test_of_30_visitors_who_want_one_time_at_once_one_gets_it(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()

    answers = await asyncio.gather(
        *(service.reserve(kind, day(3, 10, n % 3 * 10), attendee=vera()) for n in range(30))
    )

    assert Counter({409: 29, 201: 1}) == Counter(answer.status_code for answer in answers)
    assert {(409, "slot-taken")} == {problem(a) for a in answers if a.status_code == 409}
    assert 1 == (await anna.events()).count("BookingConfirmed")


async def test_of_20_visitors_with_one_single_use_link_one_books(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(visibility="private")
    link = await anna.link(kind)

    answers = await asyncio.gather(
        *(service.reserve(kind, day(3, n), token=link["token"], attendee=vera()) for n in range(20))
    )

    assert 1 == [answer.status_code for answer in answers].count(201)
    lost = {problem(answer) for answer in answers if answer.status_code != 201}
    assert lost <= {(409, "link-in-use"), (410, "link-dead")}
    assert {"state": "consumed", "uses": 1}.items() <= (await anna.read_link(link)).items()


async def test_a_hold_ends_at_its_deadline_before_any_timer_has_fired(
    service: BookingService, short_holds: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    held = await short_holds.held(kind, day(3))

    await service.wait_until(held, status="released")
    confirmed = await service.manage(held, "confirm", {"attendee": vera()})

    assert "timeout" == (await service.read(held))["release_reason"]
    assert (409, "hold-over") == problem(confirmed)
    assert "SlotReserved" == (await anna.events())[-1]
    await service.booked(kind, day(3, 10, 15))
    assert ["SlotReleased", "SlotReserved", "BookingConfirmed"] == (await anna.events())[-3:]


async def test_the_use_of_a_hold_past_its_deadline_is_free_before_any_timer_has_fired(
    service: BookingService, short_holds: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(visibility="private")
    link = await anna.link(kind)
    held = await short_holds.held(kind, day(3), token=link["token"])

    await service.wait_until(held, status="released")

    await service.booked(kind, day(4), token=link["token"])


async def test_the_timer_adds_the_event_that_a_hold_has_timed_out(
    service: BookingService, short_holds: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(visibility="private")
    link = await anna.link(kind)
    held = await short_holds.held(kind, day(3), token=link["token"])

    async with service.another_process("timers"):
        released = await service.topics.one(BOOKING_EVENTS, anna.id, "SlotReleased")

    assert (held["id"], "timeout", "new") == (
        str(released.event.booking_id),
        released.event.reason,
        released.event.purpose,
    )
    assert datetime.fromisoformat(released.header("ce_time")) >= datetime.fromisoformat(
        held["hold_expires_at"]
    )
    assert "LinkUseReturned" == (await anna.events())[-1]


async def test_a_hold_ends_at_the_latest_when_the_meeting_starts(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(min_lead_minutes=0)
    start = from_now(seconds=100)

    held = await service.held(kind, start)

    assert start == held["hold_expires_at"]
