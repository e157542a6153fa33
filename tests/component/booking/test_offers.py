"""Offers: times for one person behind one single-use link, held on request, ended by a booking."""

import asyncio
import re
from datetime import datetime
from typing import Any

import pytest

from contracts.topics import BOOKING_EVENTS
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
from tests.component.booking.browsing import offer as set_free
from tests.component.booking.conftest import FreeTimesServer

TIMES = [day(3), day(4), day(5)]
VERA = {
    "name": "Vera <b>Visitor</b>",
    "email": "vera@visitors.example",
    "time_zone": "America/New_York",
}


@pytest.fixture
async def private(anna: Organizer) -> dict[str, Any]:
    """A private meeting type of Anna's."""
    return await anna.meeting_type(visibility="private", title="Tea & <script>")


@pytest.fixture(autouse=True)
def free(free_times: FreeTimesServer) -> FreeTimesServer:
    """The calendar has all the times."""
    set_free(free_times, *TIMES)
    return free_times


async def offered(anna: Organizer, kind: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return an offer of three times."""
    asked = {"meeting_type_id": kind["id"], "starts": TIMES, **more}
    made: dict[str, Any] = await anna.body_of("POST", "/offers", asked)
    return made


async def token_of(anna: Organizer, made: dict[str, Any]) -> str:
    """Return the token of the offer's link."""
    link = await anna.body_of("GET", f"/links/{made['link_id']}")
    return str(link["token"])


async def states(anna: Organizer, made: dict[str, Any]) -> list[str]:
    """Return the states of the offer's times as they are now."""
    seen = await anna.body_of("GET", f"/offers/{made['id']}")
    return [time["state"] for time in seen["times"]]


async def test_an_offer_has_an_address_for_each_time_behind_one_single_use_link(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    made = await offered(anna, private)
    link = await anna.body_of("GET", f"/links/{made['link_id']}")

    assert ["open"] * 3 == [time["state"] for time in made["times"]]
    assert TIMES == [time["start"] for time in made["times"]]
    assert day(3, 10, 30) == made["times"][0]["end"]
    for time in made["times"]:
        assert time["url"].startswith(f"{link['url']}?start=")
        assert time["url"] in made["text"]
    assert (1, made["id"], day(5)) == (link["max_uses"], link["offer_id"], made["expires_at"])
    assert made == await anna.body_of("GET", f"/offers/{made['id']}")
    published = await service.topics.one(BOOKING_EVENTS, anna.id, "OfferMade")
    assert (made["id"], False, 3) == (
        str(published.event.offer_id),
        published.event.held,
        len(published.event.times),
    )


async def test_text_and_html_are_in_the_organizers_language_and_the_addressees_zone(
    anna: Organizer, private: dict[str, Any], free: FreeTimesServer
) -> None:
    set_free(free, day(3, 15))
    made = await offered(anna, private, addressee=VERA, starts=[day(3, 15)])

    assert "Her er tider til" in made["text"]
    assert "New York" in made["text"]
    assert '"Tea & <script>"' in made["text"]
    assert "Tea &amp; &lt;script&gt;" in made["html"]
    assert "<script>" not in made["html"]
    assert "<b>" not in made["html"]
    [href] = re.findall(r'<a href="([^"]*)"', made["html"])
    assert made["times"][0]["url"].replace("&", "&amp;") == href


async def test_the_first_booking_ends_the_other_times(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    made = await offered(anna, private)
    token = await token_of(anna, made)
    first = await service.held(private, day(3), token=token)
    second = await service.held(private, day(4), token=token)

    while_held = await states(anna, made)
    await service.manage(second, "confirm", {"attendee": vera()})
    late = await service.manage(first, "confirm", {"attendee": vera()})
    seen = await anna.body_of("GET", f"/offers/{made['id']}")

    assert ["held", "held", "open"] == while_held
    assert (410, "link-dead") == problem(late)
    assert ["expired", "booked", "expired"] == [time["state"] for time in seen["times"]]
    assert "booked" == seen["state"]
    assert "http" not in seen["text"]


async def test_two_first_bookings_at_once_have_one_winner(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    made = await offered(anna, private, hold=True)
    token = await token_of(anna, made)

    answers = await asyncio.gather(
        *(service.reserve(private, time, token=token, attendee=vera()) for time in TIMES)
    )

    lost = {problem(answer) for answer in answers if answer.status_code != 201}
    assert [201, 410, 410] == sorted(answer.status_code for answer in answers)
    assert {(410, "link-dead")} == lost
    assert ["booked", "expired", "expired"] == sorted(await states(anna, made))


async def test_held_times_are_kept_for_whoever_has_the_link_until_the_offer_ends(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    public = await anna.meeting_type()
    made = await offered(anna, private, hold=True)
    token = await token_of(anna, made)

    stranger = await service.reserve(public, day(3))
    overlapping = await service.reserve(public, day(3, 10, 15))
    held = await service.held(private, day(3), token=token)
    await service.manage(held, "release")
    still = await service.reserve(public, day(3))
    kept = await states(anna, made)
    await service.booked(private, day(4), token=token)
    free_again = await service.reserve(public, day(3))

    assert [(409, "slot-taken")] * 3 == [
        problem(answer) for answer in (stranger, overlapping, still)
    ]
    assert ["held"] * 3 == kept
    assert 201 == free_again.status_code, free_again.text


async def test_deleting_an_offer_frees_its_times_and_ends_its_link(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    public = await anna.meeting_type()
    made = await offered(anna, private, hold=True)
    token = await token_of(anna, made)

    gone = [await anna.call("DELETE", f"/offers/{made['id']}") for _ in range(2)]
    seen = await anna.body_of("GET", f"/offers/{made['id']}")

    assert [204, 204] == [answer.status_code for answer in gone]
    assert ("withdrawn", {"expired"}) == (
        seen["state"],
        {time["state"] for time in seen["times"]},
    )
    assert 201 == (await service.reserve(public, day(3))).status_code
    dead = await service.reserve(private, day(4), token=token)
    assert (410, "link-dead") == problem(dead)
    assert "revoked" == dead.json()["reason"]
    assert 1 == (await anna.events()).count("OfferWithdrawn")


async def test_an_offer_that_is_over_holds_nothing_whether_or_not_a_timer_has_fired(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    public = await anna.meeting_type()
    until = from_now(seconds=1.6)
    made = await offered(anna, private, hold=True, expires_at=until)
    left = (datetime.fromisoformat(until) - datetime.now().astimezone()).total_seconds()
    await service.booking.rows("SELECT pg_sleep(%s)", max(0.0, left) + 0.1)

    seen = await anna.body_of("GET", f"/offers/{made['id']}")
    taken = await service.reserve(public, day(3))

    assert ("expired", {"expired"}) == (seen["state"], {time["state"] for time in seen["times"]})
    assert 201 == taken.status_code, taken.text


async def test_a_time_that_somebody_has_is_taken(
    service: BookingService, anna: Organizer, private: dict[str, Any], free: FreeTimesServer
) -> None:
    public, made = await anna.meeting_type(), await offered(anna, private)
    await service.booked(public, day(3))
    free.slots.clear()
    set_free(free, day(4))  # the calendar has lost the fifth day

    assert ["taken", "open", "taken"] == await states(anna, made)
    listed = (await anna.body_of("GET", "/offers"))["items"]
    assert ["taken", "open", "open"] == [time["state"] for time in listed[0]["times"]]


async def test_times_that_somebody_has_are_not_offered(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    await service.booked(await anna.meeting_type(), day(4))
    asked = {"meeting_type_id": private["id"], "starts": TIMES}

    refused = await anna.call("POST", "/offers", asked)

    assert (409, "slot-taken") == problem(refused)
    assert ["#/starts/1"] == [fault["pointer"] for fault in refused.json()["errors"]]
    assert [] == (await anna.body_of("GET", "/offers"))["items"]


async def test_times_that_the_calendar_does_not_offer_are_refused_with_the_nearest_ones(
    anna: Organizer, private: dict[str, Any], free: FreeTimesServer
) -> None:
    free.slots.clear()
    set_free(free, day(4), day(4, 15), day(9))
    asked = {"meeting_type_id": private["id"], "starts": TIMES, "duration_minutes": 45}

    refused = await anna.call("POST", "/offers", asked)
    query, headers = free.requests[0]

    assert (409, "slot-not-offered") == problem(refused)
    assert ["#/starts/0", "#/starts/2"] == [fault["pointer"] for fault in refused.json()["errors"]]
    assert [day(4), day(4, 15), day(9)] == [
        each["start"] for each in refused.json()["alternatives"]
    ]
    assert [] == (await anna.body_of("GET", "/offers"))["items"]
    # Asked as what it is for: no link is there yet, and the length is that of the offer.
    assert "45" == query["duration_minutes"]
    shown = {name.lower(): held for name, held in headers.items()}
    assert shown["x-organizer-token"].startswith("bwo_")
    assert "true" == query["for_attendee"]


async def test_times_far_apart_are_compared_in_several_windows(
    anna: Organizer, free: FreeTimesServer
) -> None:
    kind = await anna.meeting_type(visibility="private", max_lead_minutes=365 * 24 * 60)
    starts = [day(300), day(3), day(80), day(64)]
    set_free(free, *starts)
    made = await offered(anna, kind, starts=starts)

    assert ["open"] * 4 == [time["state"] for time in made["times"]]
    assert [day(3), day(80), day(300)] == [
        query["from"].replace("+00:00", "Z") for query, _ in free.requests[:3]
    ]


async def test_nothing_is_offered_while_the_calendar_does_not_answer(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    asked = {"meeting_type_id": private["id"], "starts": TIMES}
    async with service.another_process(availability_url="http://127.0.0.1:1") as other:
        refused = await other.call("POST", "/offers", asked, headers=anna.headers)

    assert (503, "unavailable") == problem(refused)
    assert [] == (await anna.body_of("GET", "/offers"))["items"]


async def test_two_offers_that_hold_one_time_at_once_have_one_winner(
    anna: Organizer, private: dict[str, Any]
) -> None:
    asked = {"meeting_type_id": private["id"], "starts": TIMES, "hold": True}

    answers = await asyncio.gather(*(anna.call("POST", "/offers", asked) for _ in range(5)))

    assert [201] + [409] * 4 == sorted(answer.status_code for answer in answers)


async def test_an_offer_for_somebody_is_booked_by_them_only_and_they_are_in_no_event(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    made = await offered(anna, private, addressee=VERA)
    token = await token_of(anna, made)

    other = await service.reserve(
        private, day(3), token=token, attendee=vera(email="m@visitors.example")
    )
    booked = await service.booked(private, day(3), token=token)
    stored = await service.booking.rows(
        "SELECT data::text FROM events WHERE partition_key = %s", str(anna.id)
    )

    assert {"#/attendee/email"} == pointers(other)
    assert "confirmed" == booked["status"]
    assert VERA == made["addressee"]
    assert not any(VERA["email"] in row["data"] for row in stored)


async def test_an_offer_of_a_public_type_outlives_a_change_of_the_type(
    service: BookingService, anna: Organizer
) -> None:
    public = await anna.meeting_type()
    made = await offered(anna, public)
    await anna.body_of("PATCH", f"/meeting-types/{public['id']}", {"title": "Coffee, renamed"})

    await service.booked(public, day(3), token=await token_of(anna, made))

    assert "booked" == (await states(anna, made))[0]


async def test_an_offer_ends_with_its_meeting_type(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    public, made = await anna.meeting_type(), await offered(anna, private, hold=True)
    await anna.body_of("DELETE", f"/meeting-types/{private['id']}")

    assert ["expired"] * 3 == await states(anna, made)
    assert 201 == (await service.reserve(public, day(3))).status_code


async def test_the_link_of_an_offer_is_changed_and_ended_with_the_offer_only(
    anna: Organizer, private: dict[str, Any]
) -> None:
    made = await offered(anna, private)
    address = f"/links/{made['link_id']}"

    assert (409, "state-conflict") == problem(await anna.call("PATCH", address, {"max_uses": 5}))
    assert (409, "state-conflict") == problem(await anna.call("DELETE", address))
    assert ["open"] * 3 == await states(anna, made)


async def test_an_offer_sent_again_under_its_key_is_one_offer(
    anna: Organizer, private: dict[str, Any]
) -> None:
    asked, name = {"meeting_type_id": private["id"], "starts": TIMES, "hold": True}, key()

    first = await anna.call("POST", "/offers", asked, Idempotency_Key=name)
    again = await anna.call("POST", "/offers", asked, Idempotency_Key=name)

    assert (201, first.json()) == (again.status_code, again.json())
    assert 1 == len((await anna.body_of("GET", "/offers"))["items"])


@pytest.mark.parametrize(
    ("faulty", "expected"),
    [
        ({"starts": []}, {"#/starts"}),
        ({"starts": None}, {"#/starts"}),
        ({"starts": [day(n % 30 + 1) for n in range(21)]}, {"#/starts"}),
        ({"starts": ["tomorrow", 1.5]}, {"#/starts/0", "#/starts/1"}),
        ({"starts": [day(-1), day(3), day(3)]}, {"#/starts/0", "#/starts/2"}),
        ({"starts": ["2199-12-31T23:59:59Z"], "expires_at": day(3)}, {"#/starts/0"}),
        ({"starts": ["2026-03-29T02:30:00"]}, {"#/starts/0"}),
        ({"meeting_type_id": "nonsense"}, {"#/meeting_type_id"}),
        ({"duration_minutes": 4}, {"#/duration_minutes"}),
        ({"duration_minutes": "long"}, {"#/duration_minutes"}),
        ({"hold": "maybe"}, {"#/hold"}),
        ({"expires_at": day(-1)}, {"#/expires_at"}),
        ({"expires_at": day(400)}, {"#/expires_at"}),
        ({"addressee": {"name": "x"}}, {"#/addressee/email"}),
        ({"addressee": {"email": "nowhere"}}, {"#/addressee/email"}),
        (
            {"addressee": {**VERA, "name": "a\x00b", "time_zone": "Mars/Olympus"}},
            {"#/addressee/name", "#/addressee/time_zone"},
        ),
        ({"colour": "red"}, {"#/colour"}),
    ],
)
async def test_faulty_fields_of_an_offer_are_named(
    anna: Organizer, private: dict[str, Any], faulty: dict[str, Any], expected: set[str]
) -> None:
    asked = {"meeting_type_id": private["id"], "starts": TIMES, **faulty}

    answer = await anna.call("POST", "/offers", asked)

    assert expected == pointers(answer)


async def test_an_offer_of_another_organizer_or_of_their_type_is_not_found(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    bo, made = await service.organizer(), await offered(anna, private)
    address = f"/offers/{made['id']}"

    assert [(404, "not-found")] * 3 == [
        problem(await bo.call("GET", address)),
        problem(await bo.call("DELETE", address)),
        problem(
            await bo.call("POST", "/offers", {"meeting_type_id": private["id"], "starts": TIMES})
        ),
    ]
    assert [] == (await bo.body_of("GET", "/offers"))["items"]


async def test_offers_are_listed_in_pages(anna: Organizer, private: dict[str, Any]) -> None:
    made = [await offered(anna, private, starts=[time]) for time in TIMES]

    first = await anna.body_of("GET", "/offers?limit=2")
    second = await anna.body_of("GET", f"/offers?limit=2&cursor={first['next_cursor']}")

    assert made == [*first["items"], *second["items"]]
    assert second["next_cursor"] is None
