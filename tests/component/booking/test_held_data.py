"""What is held about an attendee: asked for, seen, erased, with a receipt of each service."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.capabilities import HELD_DATA
from contracts.notifier import MailDataErased
from contracts.topics import BOOKING_ATTENDEES, BOOKING_EVENTS
from services.booking.bookings.commands.cancel import cancel
from services.booking.bookings.context import load_booking
from services.chassis.events.store import enqueue_appends
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.ids import new_id
from tests.component.booking.booking_service import (
    BookingService,
    Organizer,
    day,
    key,
    problem,
    vera,
)
from tests.component.kafka import eventually
from tests.component.running import KEYS

QUESTION = {"id": "why", "label": "What about?", "kind": "text"}
ANSWERS = [{"question_id": "why", "value": "the bridge"}]
SHOWN = [{"question_id": "why", "label": "What about?", "value": "the bridge"}]


def address() -> str:
    """Return an address that no other test uses."""
    return f"vera-{new_id().hex}@visitors.example"


async def booked(
    service: BookingService, anna: Organizer, email: str, start: str = "", **more: Any
) -> dict[str, Any]:
    kind = await anna.meeting_type(questions=[QUESTION])
    return await service.held(
        kind, start or day(3), attendee=vera(email=email), answers=ANSWERS, **more
    )


async def attendee_of(service: BookingService, booking: dict[str, Any]) -> UUID:
    [row] = await service.booking.rows(
        "SELECT id FROM attendees WHERE booking_id = %s", booking["id"]
    )
    found: UUID = row["id"]
    return found


async def mailed_token(service: BookingService, anna: Organizer, email: str) -> str:
    """Ask for a link; return its token as notifier derives it from the event."""
    asked = await service.call("POST", "/me/requests", {"email": email})
    assert 202 == asked.status_code
    requested = await service.topics.one(BOOKING_EVENTS, anna.id, "DataRequested")
    return KeyRing.parse(KEYS).issue(HELD_DATA, requested.event.request_id)


async def mine(service: BookingService, token: str, method: str = "GET") -> httpx.Response:
    return await service.call(method, "/me", headers={"X-Me-Token": token})


async def test_an_attendee_sees_all_that_is_held_about_their_address(
    service: BookingService, anna: Organizer
) -> None:
    email = address()
    first = await booked(service, anna, email)
    second = await booked(service, anna, email.upper(), day(4))
    await booked(service, anna, address(), day(5))
    moved = await service.manage(second, "cancel", {"reason": "The train is late."})
    seen = await mine(service, await mailed_token(service, anna, email))
    held = seen.json()

    assert (200, 200) == (moved.status_code, seen.status_code)
    assert {first["id"], second["id"]} == {each["booking_id"] for each in held["bookings"]}
    assert {"booking", "notifier", "availability", "policy"} == {
        each["service"] for each in held["services"]
    }
    [cancelled] = [each for each in held["bookings"] if each["booking_id"] == second["id"]]
    assert ("Vera Visitor", "cancelled", SHOWN) == (
        cancelled["name"],
        cancelled["status"],
        cancelled["answers"],
    )
    assert ["The train is late."] == [each["reason"] for each in cancelled["reasons"]]
    assert held["erasure"] is None


async def test_an_address_in_another_case_or_with_its_domain_in_ascii_is_the_same_person(
    service: BookingService, anna: Organizer
) -> None:
    name = new_id().hex
    typed = [f"Vera-{name}@bücher.example", f"vera-{name.upper()}@xn--bcher-kva.example"]
    made = [await booked(service, anna, email, day(3 + n)) for n, email in enumerate(typed)]
    private = await anna.meeting_type(visibility="private")
    to = [{"name": "Vera", "email": f"vera-{name}@xn--bcher-kva.example"}]
    link = await anna.body_of("POST", f"/meeting-types/{private['id']}/links", {"addressees": to})
    token = await mailed_token(service, anna, f"VERA-{name}@XN--bcher-kva.example".lower())
    held = (await mine(service, token)).json()
    with_link = await service.held(
        private, day(6), token=link["token"], attendee=vera(email=typed[0])
    )
    erased = await mine(service, token, "DELETE")
    left = await service.booking.rows("SELECT id FROM attendees WHERE email ILIKE %s", f"%{name}%")
    told = await anna.body_of("GET", f"/links/{link['id']}")

    assert {each["id"] for each in made} == {each["booking_id"] for each in held["bookings"]}
    assert [link["id"]] == [each["link_id"] for each in held["links"]]
    assert "confirmed" == with_link["status"]
    assert (202, 4, []) == (erased.status_code, erased.json()["records"], left)
    assert [] == told["addressees"]


async def test_the_answer_to_a_request_is_the_same_for_a_stranger_who_gets_no_mail(
    service: BookingService, anna: Organizer
) -> None:
    email = address()
    await booked(service, anna, email)
    known = await service.call("POST", "/me/requests", {"email": email})
    unknown = await service.call("POST", "/me/requests", {"email": address()})
    await service.topics.one(BOOKING_EVENTS, anna.id, "DataRequested")

    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json())


async def test_nobody_can_fill_a_mailbox_with_links_and_only_the_newest_one_works(
    service: BookingService, anna: Organizer
) -> None:
    email = address()
    await booked(service, anna, email)
    for _ in range(5):
        assert 202 == (await service.call("POST", "/me/requests", {"email": email})).status_code
    events = [name for name in await anna.events() if name == "DataRequested"]
    await service.topics.one(BOOKING_EVENTS, anna.id, "DataRequested", number=3)
    tokens = [
        KeyRing.parse(KEYS).issue(HELD_DATA, each.event.request_id)
        for each in service.topics.of(BOOKING_EVENTS, anna.id)
        if each.kind == "DataRequested"
    ]
    answers = [await mine(service, token) for token in tokens]

    assert 3 == len(events)
    assert [(410, "link-dead"), (410, "link-dead")] == [problem(each) for each in answers[:2]]
    assert 200 == answers[2].status_code


async def test_a_link_works_until_it_expires(service: BookingService, anna: Organizer) -> None:
    email = address()
    await booked(service, anna, email)
    async with service.another_process(held_data_link_minutes=0) as hurried:
        token = await mailed_token(hurried, anna, email)

    assert (410, "link-dead") == problem(await mine(service, token))
    assert (410, "link-dead") == problem(await mine(service, token, "DELETE"))


@pytest.mark.parametrize("token", ["", "nonsense", "bwd_" + "A" * 68, "bwm_" + "A" * 68])
async def test_a_token_that_is_not_genuine_opens_nothing(
    service: BookingService, token: str
) -> None:
    for method in ("GET", "DELETE"):
        assert (401, "unauthenticated") == problem(await mine(service, token, method))


async def test_an_attendee_erases_themselves_and_sees_the_receipts_as_they_come(
    service: BookingService, anna: Organizer
) -> None:
    email = address()
    booking = await booked(service, anna, email, key=key())
    again = await booked(service, anna, email, day(4))
    attendees = [await attendee_of(service, each) for each in (booking, again)]
    for attendee_id in attendees:
        await service.topics.one(BOOKING_ATTENDEES, attendee_id, "AttendeeRecorded")
    token = await mailed_token(service, anna, email)
    erased = await mine(service, token, "DELETE")
    erasure = erased.json()
    seen = (await mine(service, token)).json()

    assert (202, "attendee", 2) == (erased.status_code, erasure["by"], erasure["records"])
    assert {"booking": True, "notifier": False} == {
        each["service"]: each["erased_at"] is not None for each in erasure["receipts"]
    }
    assert (None, [], erasure["id"]) == (seen["email"], seen["bookings"], seen["erasure"]["id"])
    for attendee_id in attendees:
        records = await service.topics.until(
            BOOKING_ATTENDEES, attendee_id, lambda found: found[-1:] != [] and len(found) >= 2
        )
        assert records[-1].record.value is None
        receipt = MailDataErased(
            organizer_id=anna.id,
            attendee_id=attendee_id,
            booking_id=new_id(),
            erased_at=datetime.now(UTC),
        )
        await service.other_services.publish(receipt)

    async def complete() -> bool:
        answer = await service.call(
            "GET", f"/me/erasures/{erasure['id']}", headers={"X-Me-Token": token}
        )
        return all(each["erased_at"] for each in answer.json()["receipts"])

    await eventually(complete)
    assert erasure["id"] == (await mine(service, token, "DELETE")).json()["id"]
    left = await service.booking.rows("SELECT 1 FROM attendees WHERE id = ANY(%s)", attendees)
    assert [] == left
    shown = await anna.body_of("GET", f"/bookings/{booking['id']}")
    assert ("confirmed", None, []) == (shown["status"], shown["attendee"], shown["answers"])


async def test_a_change_that_has_read_the_attendee_does_not_bring_them_back(
    service: BookingService, anna: Organizer
) -> None:
    """The record was read before the erasure, and the change is committed after it."""
    booking = await booked(service, anna, address())
    attendee_id = await attendee_of(service, booking)
    await service.topics.one(BOOKING_ATTENDEES, attendee_id, "AttendeeRecorded")
    async with service.booking.database.connection() as connection:
        context = await load_booking(connection, UUID(booking["id"]))
    _, append = cancel(context, "organizer", "No more.")
    ada = service.without_page("administrator")
    assert 204 == (await ada.call("DELETE", f"/attendees/{attendee_id}")).status_code
    async with service.booking.database.transaction() as connection:
        await enqueue_appends(connection, [append])
    await service.topics.one(BOOKING_EVENTS, anna.id, "BookingCancelled")
    await service.topics.until(BOOKING_ATTENDEES, attendee_id, lambda found: len(found) > 1)

    async def all_is_published() -> bool:
        key = str(attendee_id).encode()
        return not await service.booking.rows("SELECT 1 FROM outbox WHERE key = %s", key)

    await eventually(all_is_published)  # the relay's mark comes after the record
    records = service.topics.of(BOOKING_ATTENDEES, attendee_id)

    assert (None, 2) == (records[-1].record.value, len(records))


async def test_an_administrator_finds_exports_and_erases_a_person(
    service: BookingService, anna: Organizer
) -> None:
    email = address()
    booking = await booked(service, anna, email)
    ada = service.without_page("administrator")
    found = await ada.body_of("POST", "/attendees/find", {"email": email.upper()})
    [attendee] = found["items"]
    exported = await ada.body_of("GET", f"/attendees/{attendee['id']}")
    erased = await ada.call("DELETE", f"/attendees/{attendee['id']}")
    again = await ada.call("DELETE", f"/attendees/{attendee['id']}")
    receipts = await service.booking.http.get(erased.headers["location"], headers=ada.headers)

    assert booking["id"] == attendee["booking_id"] == exported["bookings"][0]["booking_id"]
    assert (204, 204) == (erased.status_code, again.status_code)
    assert erased.headers["location"] == again.headers["location"]
    assert ("administrator", 1) == (receipts.json()["by"], receipts.json()["records"])
    assert (404, "not-found") == problem(await ada.call("GET", f"/attendees/{attendee['id']}"))
    assert (404, "not-found") == problem(await ada.call("DELETE", f"/attendees/{new_id()}"))
    assert {"items": []} == await ada.body_of("POST", "/attendees/find", {"email": email})


async def test_the_remembered_answer_of_an_erased_booking_is_forgotten(
    service: BookingService, anna: Organizer
) -> None:
    kind, key_ = await anna.meeting_type(), key()
    asked = {"attendee": vera(email=address()), "key": key_}
    booking = await service.held(kind, day(3), **asked)
    ada = service.without_page("administrator")
    attendee_id = await attendee_of(service, booking)
    assert 204 == (await ada.call("DELETE", f"/attendees/{attendee_id}")).status_code
    again = await service.reserve(kind, day(3), attendee=asked["attendee"], key=key_)
    kept = await service.booking.rows(
        "SELECT answer, fingerprint FROM idempotency_keys WHERE minted_id = %s", booking["id"]
    )

    assert (409, "state-conflict") == problem(again)
    assert [{"answer": None, "fingerprint": ""}] == kept


async def let_days_pass(service: BookingService, booking: dict[str, Any], days: int) -> None:
    """Move the end of the meeting in the list of bookings, which is what the timer looks at."""
    await service.booking.rows(
        "UPDATE bookings SET ends_at = ends_at - %s * interval '1 day' WHERE id = %s RETURNING 1",
        days,
        booking["id"],
    )


async def test_after_some_days_the_timer_erases_whose_meeting_is_over(
    service: BookingService, anna: Organizer
) -> None:
    past = await booked(service, anna, address(), day(3))
    to_come = await booked(service, anna, address(), day(4))
    before = [await attendee_of(service, past), await attendee_of(service, to_come)]
    await let_days_pass(service, past, 40)
    await service.booking.rows(
        "UPDATE timers SET due_at = clock_timestamp() WHERE kind = 'attendee_retention' RETURNING 1"
    )
    async with service.another_process("timers", attendee_retention_days=30):

        async def erased() -> bool:
            left = await service.booking.rows("SELECT id FROM attendees WHERE id = ANY(%s)", before)
            return [row["id"] for row in left] == before[1:]

        await eventually(erased)
    await let_days_pass(service, past, -40)
    history = await anna.body_of("GET", f"/bookings/{past['id']}/history")
    timers = await service.booking.rows(
        "SELECT due_at > clock_timestamp() AS later FROM timers WHERE kind = 'attendee_retention'"
    )

    assert ("DataErased", "retention") == (
        history["items"][-1]["event"],
        history["items"][-1]["actor"]["by"],
    )
    assert [{"later": True}] == timers
