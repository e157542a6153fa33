"""A booking through time: who did what, when and why; its steps; how it stood at an instant."""

import html
import re
from datetime import UTC, datetime
from typing import Any, get_args

import httpx
import pytest

from services.booking.domain import booking as domain
from services.booking.history.rules import rules
from services.booking.history.words import WORDS
from tests.component.booking.booking_service import (
    BookingService,
    Organizer,
    day,
    pointers,
    problem,
    stamp,
    vera,
)
from tests.component.booking.browsing import browsing
from tests.component.running import PUBLIC_URL


async def journey(service: BookingService, anna: Organizer) -> tuple[dict[str, Any], list[str]]:
    """Book, move as the attendee, cancel as the organizer; return the instants between."""
    kind = await anna.meeting_type()
    instants = [stamp(datetime.now(UTC))]
    booked = await service.held(kind, day(3), attendee=vera())
    instants.append(stamp(datetime.now(UTC)))
    moved = await service.manage(
        booked, "reschedule", {"start": day(4), "reason": "The train is late."}
    )
    instants.append(stamp(datetime.now(UTC)))
    cancelled = await anna.call("POST", f"/bookings/{booked['id']}/cancel", {"reason": "Ill."})
    instants.append(stamp(datetime.now(UTC)))
    assert (200, 200) == (moved.status_code, cancelled.status_code)
    return booked, instants


async def seen_by(
    service: BookingService, anna: Organizer, booked: dict[str, Any], what: str
) -> tuple[Any, Any]:
    """Return what the organizer and what the attendee see."""
    path = f"/bookings/{booked['id']}{what}"
    answer = await service.call("GET", path, headers={"X-Manage-Token": booked["manage_token"]})
    return await anna.body_of("GET", path), answer.json()


async def test_the_history_says_who_did_what_when_and_why(
    service: BookingService, anna: Organizer
) -> None:
    booked, _ = await journey(service, anna)
    to_anna, to_vera = await seen_by(service, anna, booked, "/history")

    assert [
        ("SlotReserved", "attendee", None),
        ("BookingConfirmed", "attendee", None),
        ("SlotReserved", "attendee", "The train is late."),
        ("BookingRescheduled", "attendee", "The train is late."),
        ("BookingCancelled", "organizer", "Ill."),
    ] == [(each["event"], each["actor"]["by"], each["why"]) for each in to_anna["items"]]
    assert [1, 2, 3, 4, 5] == [each["version"] for each in to_anna["items"]]
    assert all(each["what"].endswith(".") and each["at"] for each in to_anna["items"])
    assert str(anna.id) == to_anna["items"][-1]["actor"]["id"]
    assert {None} == {each["actor"]["id"] for each in to_vera["items"]}
    assert [each["why"] for each in to_anna["items"]] == [each["why"] for each in to_vera["items"]]


async def test_a_move_has_the_time_before_and_the_time_after(
    service: BookingService, anna: Organizer
) -> None:
    booked, _ = await journey(service, anna)
    to_anna, to_vera = await seen_by(service, anna, booked, "/history")
    moved = {"start": day(3), "end": day(3, 10, 30)}, {"start": day(4), "end": day(4, 10, 30)}

    for seen in (to_anna, to_vera):
        assert [(None, None)] * 3 + [moved] + [(None, None)] == [
            (each["from"], each["to"]) for each in seen["items"]
        ]


async def test_the_words_go_with_the_attendee_and_what_happened_stays(
    service: BookingService, anna: Organizer
) -> None:
    booked, _ = await journey(service, anna)
    [row] = await service.booking.rows(
        "SELECT id FROM attendees WHERE booking_id = %s", booked["id"]
    )
    ada = service.without_page("administrator")
    await ada.call("DELETE", f"/attendees/{row['id']}")
    to_anna, _ = await seen_by(service, anna, booked, "/history")

    assert {None} == {each["why"] for each in to_anna["items"]}
    assert ["BookingCancelled", "DataErased"] == [each["event"] for each in to_anna["items"][-2:]]
    assert "administrator" == to_anna["items"][-1]["actor"]["by"]


async def test_a_hold_that_nobody_confirmed_was_released_by_the_system(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    held = await service.held(kind, day(3))
    await service.manage(held, "release")
    to_anna, _ = await seen_by(service, anna, held, "/history")

    assert [("SlotReserved", "attendee"), ("SlotReleased", "attendee")] == [
        (each["event"], each["actor"]["by"]) for each in to_anna["items"]
    ]


async def test_the_steps_name_the_states_the_rule_and_the_command(
    service: BookingService, anna: Organizer
) -> None:
    booked, _ = await journey(service, anna)
    to_anna, to_vera = await seen_by(service, anna, booked, "/steps")

    assert [
        ("Vacant", "ReserveSlot", "holding.reserve", "Held"),
        ("Held", "ConfirmBooking", "confirming.confirm", "Confirmed"),
        ("Confirmed", "RequestReschedule", "moving.request_move", "Confirmed"),
        ("Confirmed", "CompleteReschedule", "moving.complete_move", "Confirmed"),
        ("Confirmed", "CancelBooking", "cancelling.cancel", "Cancelled"),
    ] == [
        (each["before"]["name"], each["command"], each["rule"]["name"], each["after"]["name"])
        for each in to_anna["items"]
    ]
    assert all(each["rule"]["text"].endswith(".") for each in to_anna["items"])
    assert day(4) == to_anna["items"][2]["after"]["pending_move"]["start"]
    assert ("confirmed", "cancelled") == (
        to_anna["items"][-1]["before"]["status"],
        to_anna["items"][-1]["after"]["status"],
    )
    assert "attendee_id" in to_anna["items"][-1]["after"]["data"]["meeting"]
    assert {None} == {each["after"]["data"] for each in to_vera["items"]}


async def test_a_rule_is_found_for_events_of_before_commands_were_stored_if_there_is_one(
    service: BookingService, anna: Organizer
) -> None:
    booked, _ = await journey(service, anna)
    async with service.booking.database.connection() as connection:
        await connection.execute("ALTER TABLE events DISABLE TRIGGER events_are_facts")
        await connection.execute(
            "UPDATE events SET metadata = metadata - 'commands' WHERE stream = %s",
            [f"booking-{booked['id']}"],
        )
        await connection.execute("ALTER TABLE events ENABLE TRIGGER events_are_facts")
    to_anna, _ = await seen_by(service, anna, booked, "/steps")

    assert {None} == {each["command"] for each in to_anna["items"]}
    assert [
        "holding.reserve",
        "confirming.confirm",
        "moving.request_move",
        None,  # an approval would be stored as the same event
        "cancelling.cancel",
    ] == [each["rule"] and each["rule"]["name"] for each in to_anna["items"]]


async def test_a_booking_is_shown_as_it_stood_at_an_instant(
    service: BookingService, anna: Organizer
) -> None:
    booked, instants = await journey(service, anna)
    views = [(await seen_by(service, anna, booked, f"?as_of={each}"))[0] for each in instants[1:]]

    assert [
        ("confirmed", day(3), 0, None),
        ("confirmed", day(4), 1, "The train is late."),
        ("cancelled", day(4), 2, "Ill."),
    ] == [
        (each["status"], each["start"], each["ics_sequence"], each["change_reason"])
        for each in views
    ]
    assert [2, 4, 5] == [each["version"] for each in views]
    assert await seen_by(service, anna, booked, "") == await seen_by(
        service, anna, booked, f"?as_of={instants[-1]}"
    )


async def test_an_instant_before_the_booking_finds_none_and_the_future_is_refused(
    service: BookingService, anna: Organizer
) -> None:
    booked, instants = await journey(service, anna)
    path = f"/bookings/{booked['id']}?as_of="

    assert (404, "not-found") == problem(await anna.call("GET", f"{path}{instants[0]}"))
    assert {"#/query/as_of"} == pointers(await anna.call("GET", f"{path}{day(1)}"))
    for nonsense in ("yesterday", "2026-01-01", "1", "2026-02-30T00:00:00Z", "", "%00"):
        assert pointers(await anna.call("GET", f"{path}{nonsense}")) == {"#/query/as_of"}


@pytest.mark.parametrize("what", ["/history", "/steps"])
async def test_a_stranger_finds_neither(
    service: BookingService, anna: Organizer, what: str
) -> None:
    booked, _ = await journey(service, anna)
    bo = await service.organizer()

    assert (404, "not-found") == problem(await bo.call("GET", f"/bookings/{booked['id']}{what}"))


def test_every_event_of_a_booking_has_words_and_a_rule() -> None:
    events = set(get_args(domain.Event))

    assert events == set(WORDS)
    assert events == {event for rule in rules() for event in rule.events}


def test_every_command_of_the_decider_has_a_rule() -> None:
    assert set(get_args(domain.Command)) == {each for rule in rules() for each in rule.commands}


@pytest.mark.parametrize(
    ("language", "moved", "on_their_clock"),
    [
        ("en", "Moved by you from ", "On the clock of "),
        ("da", "Flyttet af dig fra ", "På uret hos "),
    ],
)
async def test_the_attendee_reads_from_when_to_when_on_both_clocks(
    service: BookingService, anna: Organizer, language: str, moved: str, on_their_clock: str
) -> None:
    booked, _ = await journey(service, anna)
    async with browsing(service) as client:
        path = booked["manage_url"].removeprefix(PUBLIC_URL)
        far = await client.get(path, params={"lang": language, "tz": "Asia/Tokyo"})
        near = await client.get(path, params={"lang": language, "tz": "Europe/Copenhagen"})
    [line] = [each for each in history_of(far) if each.startswith(moved)]

    assert ["19.00", "19.30"] * 2 == re.findall(r"\d\d\.\d\d", line.replace(":", "."))
    assert [True, False] == [on_their_clock in " ".join(history_of(page)) for page in (far, near)]
    assert "Copenhagen" in " ".join(history_of(far))


def history_of(page: httpx.Response) -> list[str]:
    """Return what the page says has happened."""
    _, _, listed = page.text.partition('<ol class="history">')
    return [
        html.unescape(re.sub(r"<[^>]+>", "", each))
        for each in re.findall(r"<p.*?</p>", listed.partition("</ol>")[0], re.DOTALL)
    ]
