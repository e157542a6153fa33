"""Who is only the addressee of a private link or an offer sees, downloads and erases that too."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from contracts.topics import BOOKING_ATTENDEES, BOOKING_EVENTS
from services.chassis.ids import new_id
from tests.component.booking.booking_service import BookingService, Organizer, day, problem
from tests.component.booking.browsing import Visitor, browsing, heading, offer
from tests.component.booking.conftest import FreeTimesServer
from tests.component.booking.test_held_data import address, booked, mailed_token, mine
from tests.component.kafka import eventually

BORIS = {"name": "Boris", "email": "boris@visitors.example"}


@pytest.fixture
async def visitor(service: BookingService) -> AsyncIterator[Visitor]:
    async with browsing(service) as client:
        yield Visitor(client)


async def addressed(anna: Organizer, *people: dict[str, str], **more: Any) -> dict[str, Any]:
    """Make a private link for these people."""
    private = await anna.meeting_type(visibility="private")
    body = {"addressees": list(people), **more}
    made: dict[str, Any] = await anna.body_of("POST", f"/meeting-types/{private['id']}/links", body)
    return made


def ada_named(email: str) -> dict[str, str]:
    return {"name": "Ada Addressed", "email": email}


async def test_an_addressee_is_mailed_a_link_and_sees_what_their_links_have_about_them(
    service: BookingService, anna: Organizer
) -> None:
    email = address()
    link = await addressed(anna, ada_named(email), BORIS, label="For Ada, who is late")
    own = await addressed(anna, ada_named(email.upper()))
    token = await mailed_token(service, anna, email)
    requested = await service.topics.one(BOOKING_EVENTS, anna.id, "DataRequested")
    person = requested.event.attendee_id
    recorded = await service.topics.one(BOOKING_ATTENDEES, person, "RecipientRecorded")
    held = (await mine(service, token)).json()

    assert (email.lower(), "Europe/Copenhagen") == (
        recorded.event.email.lower(),
        recorded.event.time_zone,
    )
    assert (email.lower(), []) == (held["email"].lower(), held["bookings"])
    assert {link["id"]: False, own["id"]: True} == {
        each["link_id"]: each["ends"] for each in held["links"]
    }
    for each in held["links"]:
        assert "Ada Addressed" == each["name"]
        assert each["organizer_name"]
    assert "late" not in str(held)


async def test_an_erasure_takes_the_addressee_out_and_ends_a_link_to_nobody_else(
    service: BookingService, anna: Organizer
) -> None:
    email = address()
    shared = await addressed(anna, ada_named(email), BORIS, label="For Ada")
    own = await addressed(anna, ada_named(email), label="For Ada", reference="ada-7")
    token = await mailed_token(service, anna, email)
    erased = await mine(service, token, "DELETE")
    body = erased.json()
    seen = (await mine(service, token)).json()
    links = [await anna.read_link(each) for each in (shared, own)]
    ended = await service.topics.one(BOOKING_EVENTS, anna.id, "LinkExpired")
    stored = await service.booking.rows(
        "SELECT 1 FROM link_details WHERE addressees::text ILIKE %s", f"%{email}%"
    )

    assert (202, 2, 2, 1) == (
        erased.status_code,
        body["records"],
        body["links"],
        body["links_ended"],
    )
    assert (None, [], body["id"]) == (seen["email"], seen["links"], seen["erasure"]["id"])
    assert [[BORIS["email"]], []] == [
        [each["email"] for each in link["addressees"]] for link in links
    ]
    assert ["active", "revoked"] == [link["state"] for link in links]
    assert ["", ""] == [link["label"] for link in links]
    assert own["id"] == str(ended.event.link_id)
    assert [] == stored
    person = (await service.topics.one(BOOKING_EVENTS, anna.id, "DataRequested")).event.attendee_id
    records = await service.topics.until(
        BOOKING_ATTENDEES, person, lambda found: len(found) >= 2 and not found[-1].record.value
    )
    assert None is records[-1].record.value


async def test_a_change_of_the_link_that_was_read_before_does_not_bring_the_addressee_back(
    service: BookingService, anna: Organizer
) -> None:
    email = address()
    link = await addressed(anna, ada_named(email), BORIS)
    version = (await anna.read_link(link))["version"]
    assert (
        202 == (await mine(service, await mailed_token(service, anna, email), "DELETE")).status_code
    )
    changed = await anna.call(
        "PATCH", f"/links/{link['id']}", {"label": "Again"}, if_match=f'"{version}"'
    )
    kept = await anna.read_link(link)

    assert 412 == changed.status_code
    assert [BORIS["email"]] == [each["email"] for each in kept["addressees"]]


async def test_an_offer_to_an_erased_addressee_ends_and_its_times_are_free(
    service: BookingService, anna: Organizer, free_times: FreeTimesServer
) -> None:
    offer(free_times, day(3), day(4))
    email = address()
    private = await anna.meeting_type(visibility="private")
    asked = {
        "meeting_type_id": private["id"],
        "starts": [day(3), day(4)],
        "addressee": ada_named(email),
        "hold": True,
    }
    made = await anna.call("POST", "/offers", asked)
    held = await service.booking.rows("SELECT 1 FROM slot_claims WHERE organizer_id = %s", anna.id)
    erased = await mine(service, await mailed_token(service, anna, email), "DELETE")
    left = await service.booking.rows("SELECT 1 FROM slot_claims WHERE organizer_id = %s", anna.id)

    assert (201, 2) == (made.status_code, len(held))
    assert (202, 1, []) == (erased.status_code, erased.json()["links_ended"], left)


async def test_who_is_no_addressee_any_more_has_nothing_and_their_copies_go(
    service: BookingService, anna: Organizer
) -> None:
    email = address()
    link = await addressed(anna, ada_named(email), BORIS)
    token = await mailed_token(service, anna, email)
    person = (await service.topics.one(BOOKING_EVENTS, anna.id, "DataRequested")).event.attendee_id
    changed = await anna.call("PATCH", f"/links/{link['id']}", {"addressees": [BORIS]})
    records = await service.topics.until(
        BOOKING_ATTENDEES, person, lambda found: len(found) >= 2 and not found[-1].record.value
    )

    assert (200, None) == (changed.status_code, records[-1].record.value)
    assert (410, "link-dead") == problem(await mine(service, token))


async def test_an_addressee_stays_the_same_person_when_their_link_is_changed(
    service: BookingService, anna: Organizer
) -> None:
    email = address()
    link = await addressed(anna, ada_named(email))
    token = await mailed_token(service, anna, email)
    renamed = [{"name": "Ada Renamed", "email": email.upper()}]
    assert (
        200
        == (await anna.call("PATCH", f"/links/{link['id']}", {"addressees": renamed})).status_code
    )
    held = (await mine(service, token)).json()

    assert ["Ada Renamed"] == [each["name"] for each in held["links"]]


async def test_an_administrator_finds_exports_and_erases_an_addressee(
    service: BookingService, anna: Organizer
) -> None:
    email = address()
    link = await addressed(anna, ada_named(email))
    ada = service.without_page("administrator")
    [found] = (await ada.body_of("POST", "/attendees/find", {"email": email.upper()}))["items"]
    exported = await ada.body_of("GET", f"/attendees/{found['id']}")
    erased = await ada.call("DELETE", f"/attendees/{found['id']}")
    again = await ada.call("DELETE", f"/attendees/{found['id']}")
    receipts = await service.booking.http.get(erased.headers["location"], headers=ada.headers)

    assert (None, link["id"]) == (found["booking_id"], found["link_id"])
    assert [link["id"]] == [each["link_id"] for each in exported["links"]]
    assert (204, 204) == (erased.status_code, again.status_code)
    assert erased.headers["location"] == again.headers["location"]
    assert (1, 1) == (receipts.json()["links"], receipts.json()["links_ended"])
    assert (404, "not-found") == problem(await ada.call("GET", f"/attendees/{found['id']}"))


async def test_nobody_can_fill_an_addressees_mailbox(
    service: BookingService, anna: Organizer
) -> None:
    email = address()
    await addressed(anna, ada_named(email))
    for _ in range(5):
        assert 202 == (await service.call("POST", "/me/requests", {"email": email})).status_code
    requested = [name for name in await anna.events() if name == "DataRequested"]

    assert 3 == len(requested)


async def test_an_addressee_who_has_booked_too_erases_both_at_once(
    service: BookingService, anna: Organizer
) -> None:
    email = address()
    await booked(service, anna, email)
    await addressed(anna, ada_named(email))
    token = await mailed_token(service, anna, email)
    erased = (await mine(service, token, "DELETE")).json()

    assert (2, 1) == (erased["records"], erased["links"])
    assert {each["records"] for each in erased["receipts"] if each["service"] == "booking"} == {2}


async def test_the_pages_show_an_addressees_links_and_say_what_becomes_of_them(
    service: BookingService, anna: Organizer, visitor: Visitor
) -> None:
    email = address()
    await addressed(anna, ada_named(email))
    await addressed(anna, ada_named(email), {"name": "C", "email": f"c-{new_id().hex}@x.example"})
    shown = await visitor.open(f"/me/{await mailed_token(service, anna, email)}")
    asked = await visitor.open("/me/data/erase")
    erased = await visitor.submit(asked, "/me/data/erase")

    assert "Private links made for you (2)" in re.sub(r"<[^>]+>", "", shown.text)
    assert "Ada Addressed" in shown.text
    assert "those for nobody else end: 1" in re.sub(r"<[^>]+>", "", asked.text)
    assert "Your data is erased" == heading(erased)
    assert "Ended, since they were for nobody else: 1" in re.sub(r"<[^>]+>", "", erased.text)
    assert email not in erased.text


async def end_earlier(service: BookingService, link: dict[str, Any], days: int) -> None:
    """Let the link have ended days before; the log itself never lets that be changed."""
    async with service.booking.database.transaction() as connection:
        await connection.execute("SET LOCAL session_replication_role = replica")
        changed = await connection.execute(
            "UPDATE events SET time = time - %s * interval '1 day' "
            "WHERE stream = %s AND type = 'LinkExpired'",
            (days, f"private_link-{link['id']}"),
        )

    assert 1 == changed.rowcount


async def test_after_some_days_the_timer_erases_whom_an_ended_link_was_for(
    service: BookingService, anna: Organizer
) -> None:
    email = address()
    old, newer = [
        await addressed(anna, ada_named(email), BORIS, label="For Ada", reference="a-1")
        for _ in range(2)
    ]
    alive = await addressed(anna, ada_named(email), BORIS)
    for link in (old, newer):
        assert 204 == (await anna.call("DELETE", f"/links/{link['id']}")).status_code
    await end_earlier(service, old, 31)
    await end_earlier(service, newer, 29)
    await service.booking.rows(
        "UPDATE timers SET due_at = clock_timestamp() WHERE kind = 'attendee_retention' RETURNING 1"
    )
    async with service.another_process("timers", attendee_retention_days=30):

        async def erased() -> bool:
            return not (await anna.read_link(old))["addressees"]

        await eventually(erased)
    gone, kept, open_ = [await anna.read_link(each) for each in (old, newer, alive)]
    erasures = await service.booking.rows(
        "SELECT by, link_ended FROM erasures WHERE link_id = %s", old["id"]
    )

    assert ("revoked", "", "") == (gone["state"], gone["label"], gone["reference"])
    assert [2, 2] == [len(each["addressees"]) for each in (kept, open_)]
    assert "For Ada" == kept["label"]
    assert [{"by": "retention", "link_ended": False}] * 2 == erasures
