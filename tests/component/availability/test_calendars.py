"""Connected calendars: what they take is not offered, and what is not known is said."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
from prometheus_client import REGISTRY

from contracts.topics import AVAILABILITY_EVENTS
from services.availability.calendars.port import (
    Broken,
    BrokenReason,
    ComeAgain,
    ReadAgain,
    SkippedEntry,
)
from services.chassis.ids import new_id
from tests.component.availability.organizer import API, Availability, Organizer, monday, stamp
from tests.component.availability.scripted_calendar import ScriptedCalendar, ScriptedCalendars, busy
from tests.component.availability.test_organizer_token import token
from tests.component.kafka import ReceivedRecord, eventually

NINE, TEN, ELEVEN = monday(9), monday(10), monday(11)
HALF_HOURS = [stamp(NINE), stamp(monday(9, 30)), stamp(TEN), stamp(monday(10, 30))]


@dataclass(slots=True)
class Desk:
    """An organizer with a type of meeting, and calendars to connect."""

    availability: Availability
    organizer: Organizer
    calendars: ScriptedCalendars
    kind: UUID

    @property
    def address(self) -> str:
        """Return an address that no other test has."""
        return f"https://calendars.example/{self.organizer.id}"

    @property
    def calendar(self) -> ScriptedCalendar:
        """Return the calendar that is there."""
        return self.calendars.at(self.address)

    async def ask(
        self, method: str, path: str = "", *, by: UUID | None = None, **more: Any
    ) -> httpx.Response:
        """Send a request in the organizer's name."""
        headers = {"X-Organizer-Token": token(by or self.organizer.id), **more.pop("headers", {})}
        http = self.availability.service.http
        return await http.request(method, f"{API}/calendars{path}", headers=headers, **more)

    async def connect(self, **changes: Any) -> dict[str, Any]:
        """Connect the calendar."""
        body = {"kind": "caldav", "address": self.address, **changes}
        answer = await self.ask("POST", json=body)
        assert answer.status_code == 201, answer.text
        connected: dict[str, Any] = answer.json()
        return connected

    async def check(self, calendar: dict[str, Any]) -> dict[str, Any]:
        """Let the calendar be read now."""
        answer = await self.ask("POST", f"/{calendar['id']}/check")
        assert answer.status_code == 200, answer.text
        checked: dict[str, Any] = answer.json()
        return checked

    async def starts(self) -> list[str]:
        """Return what is offered from nine to eleven."""
        return await self.availability.starts(self.kind, NINE, ELEVEN)

    async def events(self, *kinds: str) -> list[ReceivedRecord]:
        """Return the events about the organizer's calendars, once the last one is of the kind."""

        def about(received: list[ReceivedRecord]) -> list[ReceivedRecord]:
            return [each for each in received if not each.kind.startswith("Slot")]

        found = await self.availability.topics.until(
            AVAILABILITY_EVENTS,
            self.organizer.id,
            lambda received: [each.kind for each in about(received)][-len(kinds) :] == [*kinds],
        )
        return about(found)


@pytest.fixture
async def desk(availability: Availability, anna: Organizer, calendars: ScriptedCalendars) -> Desk:
    return Desk(availability, anna, calendars, await anna.offers())


async def test_what_a_calendar_takes_is_not_offered_and_free_again_when_it_is_gone(
    desk: Desk,
) -> None:
    desk.calendar.objects = {"dentist": [busy(NINE)], "lunch": [busy(TEN, "free")]}

    connected = await desk.connect()
    taken = await desk.starts()
    desk.calendar.objects = {"lunch": [busy(TEN, "free")]}
    await desk.check(connected)
    free = await desk.starts()
    await desk.check(connected)

    assert taken == HALF_HOURS[2:]
    assert free == HALF_HOURS
    events = await desk.events("CalendarConnected", "FreeBusyChanged", "FreeBusyChanged")
    changes = [each.body["revision"] for each in events if each.kind == "FreeBusyChanged"]
    assert changes == [1, 2]  # what changed nothing is no event
    assert "dentist" not in str([each.body for each in events])


async def test_a_reservation_of_a_time_that_a_calendar_takes_is_rejected(desk: Desk) -> None:
    desk.calendar.objects = {"dentist": [busy(NINE)]}
    await desk.connect()

    assert await desk.organizer.judged(desk.organizer.reserved(desk.kind, NINE)) == ["free"]
    assert await desk.organizer.judged(desk.organizer.reserved(desk.kind, TEN)) == []


async def test_buffers_are_kept_around_what_a_calendar_takes(desk: Desk) -> None:
    desk.calendar.objects = {"dentist": [busy(TEN)]}
    await desk.connect()
    desk.kind = await desk.organizer.offers(buffer_after_minutes=15)

    assert await desk.starts() == HALF_HOURS[:1]


async def test_of_changes_only_what_is_named_changes(desk: Desk) -> None:
    desk.calendar.objects = {"a": [busy(NINE)], "b": [busy(TEN)]}
    desk.calendar.state = {"token": "1"}
    connected = await desk.connect()
    desk.calendar.complete = False
    desk.calendar.objects, desk.calendar.gone = {}, ["a"]

    await desk.check(connected)

    assert await desk.starts() == HALF_HOURS[:2]
    first, second = desk.calendar.asked
    assert (first[0].state, second[0].state) == ({}, {"token": "1"})
    assert first[1].end == second[1].end


async def test_a_calendar_that_cannot_be_read_is_not_connected_and_the_reason_is_said(
    desk: Desk,
) -> None:
    desk.calendar.fault = Broken("sign_in_refused")

    answer = await desk.ask("POST", json={"kind": "caldav", "address": desk.address})

    assert answer.status_code == 422
    assert answer.json()["reason"] == "sign_in_refused"
    assert answer.json()["errors"][0]["pointer"] == "#/password"
    assert (await desk.ask("GET")).json()["items"] == []


@pytest.mark.parametrize(
    ("reason", "tries"), [("sign_in_refused", 1), ("not_found", 1), ("unreachable", 4)]
)
async def test_a_broken_connection_is_announced_once_and_restored_once(
    desk: Desk, reason: BrokenReason, tries: int
) -> None:
    connected = await desk.connect()
    desk.calendar.fault = Broken(reason)
    states = [(await desk.check(connected))["state"] for _ in range(tries + 1)]
    stale = await desk.availability.slots(desk.kind, from_=stamp(NINE), to=stamp(ELEVEN))
    desk.calendar.fault = None
    mended = await desk.check(connected)
    await desk.check(connected)

    assert states == ["failing"] * (tries - 1) + ["broken"] * 2
    assert stale.json()["stale"]
    assert len(stale.json()["slots"]) == 4  # what was known still counts
    assert mended["state"] == "ok"
    _, broken, _ = await desk.events(
        "CalendarConnected", "CalendarConnectionBroken", "CalendarConnectionRestored"
    )
    assert broken.body["reason"] == reason


async def test_after_too_long_nothing_is_offered_and_that_is_said(desk: Desk) -> None:
    connected = await desk.connect()
    desk.calendar.fault = Broken("unreachable")
    await desk.check(connected)
    await desk.availability.service.rows(
        "UPDATE calendars SET closed_from = clock_timestamp() WHERE id = %s RETURNING id",
        connected["id"],
    )

    answer = await desk.availability.slots(desk.kind, from_=stamp(NINE), to=stamp(ELEVEN))
    judged = await desk.organizer.judged(desk.organizer.reserved(desk.kind, NINE))

    assert answer.json()["slots"] == []
    assert answer.json()["unknown"]
    assert answer.json()["next_free_day"] is None
    assert judged == ["calendar_known"]


async def test_a_calendar_that_is_due_is_read_by_the_worker(desk: Desk) -> None:
    connected = await desk.connect()
    desk.calendar.objects = {"dentist": [busy(NINE)]}

    await make_due(desk, connected)

    async def closed() -> bool:
        return await desk.starts() == HALF_HOURS[2:]

    await eventually(closed, "no time at nine")
    assert len(desk.calendar.asked) == 2


async def test_a_calendar_is_read_again_after_the_seconds_of_the_setting(desk: Desk) -> None:
    connected = await desk.connect()

    (row,) = await times_of(desk, connected)

    assert 0.85 * 3600 - 1 <= row["again"] <= 1.15 * 3600 + 1


async def test_what_was_known_counts_for_the_seconds_of_the_setting(desk: Desk) -> None:
    connected = await desk.connect()

    (row,) = await times_of(desk, connected)

    assert 7199 <= row["fresh"] <= 7201


async def test_an_organizer_who_moves_to_another_zone_has_all_read_anew(desk: Desk) -> None:
    desk.calendar.state = {"token": "1"}
    await desk.connect()
    await desk.organizer.publish(
        desk.organizer.meeting_type(organizer_time_zone="America/New_York")
    )

    await eventually(lambda: read_times(desk, 2), "it is read again")

    assert [each.time_zone for each, _ in desk.calendar.asked] == [
        "Europe/Copenhagen",
        "America/New_York",
    ]
    assert desk.calendar.asked[1][0].state == {}


async def test_one_that_asks_to_wait_is_not_broken_and_one_that_forgot_is_read_whole(
    desk: Desk,
) -> None:
    desk.calendar.state = {"token": "1"}
    connected = await desk.connect()
    desk.calendar.fault = ComeAgain(30)
    await make_due(desk, connected)
    await eventually(lambda: read_times(desk, 2), "asked to wait")
    waiting = await desk.ask("GET", f"/{connected['id']}")
    desk.calendar.fault = ReadAgain()
    await make_due(desk, connected)
    await eventually(lambda: read_times(desk, 3), "it forgot")
    desk.calendar.fault = None
    await eventually(lambda: read_times(desk, 4), "read whole")

    assert waiting.json()["state"] == "ok"
    assert desk.calendar.asked[3][0].state == {}


async def test_what_an_adapter_cannot_handle_breaks_that_calendar_alone(desk: Desk) -> None:
    connected = await desk.connect()
    desk.calendar.fault = ZeroDivisionError("a fault of ours")

    checked = await desk.check(connected)

    assert (checked["state"], checked["reason"]) == ("failing", "unreadable")


async def test_two_processes_never_read_one_calendar_at_once(desk: Desk) -> None:
    connected = await desk.connect()
    desk.calendar.open.clear()
    await make_due(desk, connected)
    await eventually(lambda: read_times(desk, 2), "it is being read")
    await make_due(desk, connected)

    claimed = await desk.availability.service.rows(
        "SELECT 1 FROM calendars WHERE id = %s AND leased_until < clock_timestamp()",
        connected["id"],
    )
    desk.calendar.open.set()
    await eventually(lambda: lease_over(desk, connected), "the lease is given back")

    assert claimed == []


async def test_a_worker_whose_lease_is_over_keeps_nothing(desk: Desk) -> None:
    connected = await desk.connect()
    desk.calendar.open.clear()
    await make_due(desk, connected)
    await eventually(lambda: read_times(desk, 2), "it is being read")
    await desk.availability.service.rows(
        "UPDATE calendars SET lease = NULL WHERE id = %s RETURNING id", connected["id"]
    )
    desk.calendar.objects, before = {"late": [busy(NINE)]}, readings()
    desk.calendar.open.set()
    await eventually(lambda: readings() > before, "the worker has come back")

    assert await desk.starts() == HALF_HOURS


async def test_secrets_are_sealed_and_shown_to_nobody(desk: Desk) -> None:
    connected = await desk.connect(user_name="anna", password="horse-battery")

    (row,) = await desk.availability.service.rows(
        "SELECT * FROM calendars WHERE id = %s", connected["id"]
    )
    assert "horse-battery" not in str(row)
    assert str(desk.organizer.id) not in str(row["sealed"])
    assert "horse-battery" not in (await desk.ask("GET")).text
    assert desk.calendar.asked[0][0].secrets == {"user_name": "anna", "password": "horse-battery"}


async def test_a_password_goes_to_no_other_server(desk: Desk) -> None:
    connected = await desk.connect(user_name="anna", password="horse-battery")
    elsewhere = desk.calendars.at("https://elsewhere.example/")

    changed = await desk.ask(
        "PATCH",
        f"/{connected['id']}",
        json={"address": "https://elsewhere.example/"},
        headers={"If-Match": "*"},
    )

    assert changed.status_code == 200
    assert changed.json()["place"] == "elsewhere.example"
    assert elsewhere.asked[0][0].secrets == {}


async def test_a_stranger_finds_no_calendar_of_others(desk: Desk) -> None:
    connected = await desk.connect()
    stranger = new_id()
    path = f"/{connected['id']}"

    answers = [
        await desk.ask("GET", path, by=stranger),
        await desk.ask("POST", f"{path}/check", by=stranger),
        await desk.ask("DELETE", path, by=stranger),
        await desk.ask("PATCH", path, by=stranger, json={}, headers={"If-Match": "*"}),
    ]

    assert [each.status_code for each in answers] == [404] * 4
    assert (await desk.ask("GET", by=stranger)).json()["items"] == []


async def test_who_may_have_no_page_connects_no_calendar(desk: Desk) -> None:
    http, sign_in = desk.availability.service.http, desk.availability.sign_in
    body = {"kind": "caldav", "address": desk.address}

    answers = [
        await http.post(f"{API}/calendars", headers=headers, json=body)
        for headers in (sign_in.signed_in("nils"), sign_in.signed_in("bo", "organizer"))
    ]

    assert [each.status_code for each in answers] == [403, 201]


async def test_a_change_of_something_read_before_another_change_is_refused(desk: Desk) -> None:
    connected = await desk.connect()
    path = f"/{connected['id']}"
    tag = (await desk.ask("GET", path)).headers["ETag"]
    first = await desk.ask("PATCH", path, json={"name": "A"}, headers={"If-Match": tag})
    second = await desk.ask("PATCH", path, json={"name": "B"}, headers={"If-Match": tag})

    assert (first.json()["name"], second.status_code) == ("A", 412)
    assert (await desk.ask("PATCH", path, json={"name": "C"})).status_code == 428


async def test_a_disconnected_calendar_takes_nothing(desk: Desk) -> None:
    desk.calendar.objects = {"dentist": [busy(NINE)]}
    connected = await desk.connect()

    gone = await desk.ask("DELETE", f"/{connected['id']}")

    assert gone.status_code == 204
    assert await desk.starts() == HALF_HOURS
    await desk.events("CalendarDisconnected", "FreeBusyChanged")


async def test_a_read_only_calendar_cannot_be_the_one_that_is_written_to(desk: Desk) -> None:
    answer = await desk.ask(
        "POST", json={"kind": "caldav", "address": desk.address, "written": True}
    )

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/written"


async def test_at_most_ten_calendars_are_connected(desk: Desk) -> None:
    for _ in range(10):
        await desk.connect()

    assert (
        await desk.ask("POST", json={"kind": "caldav", "address": desk.address})
    ).status_code == 409


async def test_a_request_whose_answer_was_lost_connects_one_calendar(desk: Desk) -> None:
    key = f"connect-{new_id()}"
    body = {"kind": "caldav", "address": desk.address}
    first = await desk.ask("POST", json=body, headers={"Idempotency-Key": key})
    # As a process does that dies between its commit and its answer.
    await desk.availability.service.rows(
        """UPDATE idempotency_keys
        SET status = NULL, answer = NULL, locked_until = clock_timestamp()
        WHERE minted_id = %s RETURNING minted_id""",
        first.json()["id"],
    )

    again = await desk.ask("POST", json=body, headers={"Idempotency-Key": key})

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert len((await desk.ask("GET")).json()["items"]) == 1


async def test_a_preview_and_the_calendars_of_a_server_keep_nothing(desk: Desk) -> None:
    desk.calendar.objects = {"dentist": [busy(NINE)]}
    desk.calendar.skipped = [SkippedEntry(key="x", why="no start")]

    seen = await desk.ask("POST", "/preview", json={"kind": "caldav", "address": desk.address})
    found = await desk.ask("POST", "/discover", json={"address": desk.address})

    assert (seen.json()["name"], seen.json()["entries"]) == ("Work", 1)
    assert seen.json()["skipped"] == [{"key": "x", "why": "no start"}]
    assert found.json()["items"][0]["address"] == f"{desk.address}/work"
    assert (await desk.ask("GET")).json()["items"] == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"kind": "paper", "address": "https://a.example"}, "#/kind"),
        ({"kind": "caldav"}, "#/address"),
        ({"kind": "caldav", "address": "x" * 2001}, "#/address"),
        ({"kind": "caldav", "address": "https://a.example", "colour": 1}, "#/colour"),
    ],
)
async def test_bad_bodies_are_named(desk: Desk, body: dict[str, Any], pointer: str) -> None:
    answer = await desk.ask("POST", json=body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def make_due(desk: Desk, calendar: dict[str, Any]) -> None:
    """Let the worker read the calendar."""
    await desk.availability.service.rows(
        "UPDATE calendars SET next_read_at = clock_timestamp() WHERE id = %s RETURNING id",
        calendar["id"],
    )


def readings() -> float:
    """Return how many readings of this process have come to their end."""
    labels = {"kind": "caldav", "outcome": "read"}
    return REGISTRY.get_sample_value("bookwith_calendar_readings_total", labels) or 0.0


async def read_times(desk: Desk, times: int) -> bool:
    """Return whether the calendar was asked so often."""
    return len(desk.calendar.asked) >= times


async def lease_over(desk: Desk, calendar: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the calendar once nobody has it."""
    return await desk.availability.service.rows(
        "SELECT 1 FROM calendars WHERE id = %s AND lease IS NULL", calendar["id"]
    )


async def times_of(desk: Desk, calendar: dict[str, Any]) -> list[dict[str, Any]]:
    """Return after how many seconds the calendar is read again, and is not known any more."""
    return await desk.availability.service.rows(
        """SELECT extract(epoch FROM next_read_at - read_at) AS again,
            extract(epoch FROM closed_from - read_at) AS fresh
        FROM calendars WHERE id = %s""",
        calendar["id"],
    )
