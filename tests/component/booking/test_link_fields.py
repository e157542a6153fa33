"""What a link can say besides its uses: when it opens, for whom, how long, and its notes."""

from typing import Any

import pytest

from contracts.topics import BOOKING_EVENTS
from services.booking.private_links.details import erase_addressee
from services.chassis.postgres.database import Database, enqueue_all
from tests.component.booking.booking_service import (
    BookingService,
    Organizer,
    day,
    from_now,
    pointers,
    problem,
    vera,
)
from tests.component.running import LOGGED

VERA = {"name": "Vera Visitor", "email": "vera@visitors.example"}
SECRET = {"label": "Terminal-case-7731", "reference": "crm-4f1e9a2b"}


@pytest.fixture
async def private(anna: Organizer) -> dict[str, Any]:
    """A private meeting type of Anna's."""
    return await anna.meeting_type(visibility="private")


async def test_a_link_with_every_field_is_shown_as_it_was_issued(
    anna: Organizer, private: dict[str, Any]
) -> None:
    asked = {
        **SECRET,
        "max_uses": 3,
        "not_before": day(1),
        "expires_at": day(20),
        "duration_minutes": 20,
        "addressees": [VERA],
    }

    link = await anna.link(private, **asked)

    [addressee] = link["addressees"]
    assert {**asked, "addressees": link["addressees"]}.items() <= link.items()
    assert VERA.items() <= addressee.items()
    assert f"{link['url']}?name=Vera+Visitor&email=vera%40visitors.example" == addressee["url"]
    assert (True, None, None) == (
        link["for_addressees_only"],
        link["last_used_at"],
        link["offer_id"],
    )
    assert link == await anna.read_link(link)


async def test_each_field_of_a_link_is_changed_alone_and_emptied(
    anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(
        private, **SECRET, not_before=day(1), duration_minutes=20, addressees=[VERA]
    )
    version = link["version"]
    changes: dict[str, Any] = {
        "label": "",
        "reference": "other",
        "not_before": None,
        "duration_minutes": None,
        "addressees": [],
    }
    for name, value in changes.items():
        changed = await anna.body_of(
            "PATCH", f"/links/{link['id']}", {name: value}, If_Match=f'"{version}"'
        )
        assert {**link, name: value, "version": version + 1}.items() <= {
            **changed,
            "for_addressees_only": link["for_addressees_only"],
        }.items()
        link, version = changed, changed["version"]
    again = await anna.body_of("PATCH", f"/links/{link['id']}", {"reference": "other"})

    assert version == again["version"]
    assert not again["for_addressees_only"]


async def test_faulty_fields_of_a_link_are_named_at_once(
    anna: Organizer, private: dict[str, Any]
) -> None:
    faulty = {
        "label": "two\nlines",
        "reference": "x" * 201,
        "max_uses": 0,
        "not_before": "tomorrow",
        "expires_at": 17,
        "duration_minutes": 4,
        "addressees": [VERA, {"name": "two\nlines", "email": "nowhere"}],
    }
    expected = {
        "#/label",
        "#/reference",
        "#/max_uses",
        "#/not_before",
        "#/expires_at",
        "#/duration_minutes",
        "#/addressees/1/name",
        "#/addressees/1/email",
    }
    address = f"/meeting-types/{private['id']}/links"
    link = await anna.link(private)

    assert expected == pointers(await anna.call("POST", address, faulty))
    assert expected == pointers(await anna.call("PATCH", f"/links/{link['id']}", faulty))


async def test_a_link_that_would_open_after_its_end_and_one_naming_somebody_twice_are_refused(
    anna: Organizer, private: dict[str, Any]
) -> None:
    asked = {"not_before": day(20), "expires_at": day(10), "addressees": [VERA, VERA]}

    answer = await anna.call("POST", f"/meeting-types/{private['id']}/links", asked)

    assert {"#/not_before", "#/addressees/1/email"} == pointers(answer)


async def test_a_link_opens_at_its_moment_and_says_so_before(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    opening = from_now(days=2)
    link = await anna.link(private, not_before=opening)

    early = [
        await service.call("GET", f"/public/links/{link['token']}"),
        await service.reserve(private, day(3), token=link["token"]),
    ]
    await anna.body_of("PATCH", f"/links/{link['id']}", {"not_before": day(-1)})
    opened = await service.call("GET", f"/public/links/{link['token']}")

    assert [(403, "not-available")] * 2 == [problem(answer) for answer in early]
    assert [opening] * 2 == [answer.json()["not_before"] for answer in early]
    assert 200 == opened.status_code


async def test_a_meeting_booked_with_a_link_is_as_long_as_the_link_says(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private, duration_minutes=75)

    shown = await service.call("GET", f"/public/links/{link['token']}")
    booked = await service.booked(private, day(3, 10), token=link["token"])

    assert (day(3, 10), day(3, 11, 15)) == (booked["start"], booked["end"])
    assert 75 == shown.json()["duration_minutes"]
    issued = await service.topics.one(BOOKING_EVENTS, anna.id, "PrivateLinkIssued")
    assert 75 == issued.event.duration_minutes


async def test_only_an_addressee_books_with_a_link_and_the_time_stays_held_for_another_try(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private, addressees=[VERA])
    held = await service.held(private, day(3), token=link["token"])

    stranger = await service.manage(held, "confirm", {"attendee": vera(email="m@visitors.example")})
    still = await service.read(held)
    booked = await service.manage(
        held, "confirm", {"attendee": vera(email="VERA@visitors.example")}
    )

    assert {"#/attendee/email"} == pointers(stranger)
    assert "held" == still["status"]
    assert (200, "confirmed") == (booked.status_code, booked.json()["status"])


async def test_a_stranger_who_books_in_one_call_with_anothers_link_holds_nothing(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private, addressees=[VERA])

    refused = await service.reserve(
        private, day(3), token=link["token"], attendee=vera(email="m@visitors.example")
    )

    assert {"#/attendee/email"} == pointers(refused)
    assert "active" == (await anna.read_link(link))["state"]


async def test_a_stranger_with_the_address_of_a_link_learns_nothing_about_whom_it_is_for(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private, **SECRET, addressees=[VERA])
    held = await service.held(private, day(3), token=link["token"])

    seen = [
        await service.call("GET", f"/public/links/{link['token']}"),
        await service.call(
            "GET",
            f"/public/meeting-types/{private['id']}",
            headers={"X-Link-Token": link["token"]},
        ),
        await service.call(
            "GET", f"/bookings/{held['id']}", headers={"X-Manage-Token": held["manage_token"]}
        ),
        await service.manage(held, "confirm", {"attendee": vera(email="m@visitors.example")}),
    ]

    for answer in seen:
        for secret in (*SECRET.values(), "Vera", "vera@"):
            assert secret not in answer.text


async def test_label_reference_and_addressees_are_in_no_event_and_no_log(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private, **SECRET, addressees=[VERA])
    await anna.body_of("PATCH", f"/links/{link['id']}", {"label": f"{SECRET['label']}-b"})
    issued = await service.topics.one(BOOKING_EVENTS, anna.id, "PrivateLinkIssued")
    changed = await service.topics.one(BOOKING_EVENTS, anna.id, "PrivateLinkChanged")
    stored = await service.booking.rows(
        "SELECT data::text, metadata::text FROM events WHERE partition_key = %s", str(anna.id)
    )

    published = [str(each.body) for each in (issued, changed)]
    for secret in (*SECRET.values(), VERA["email"]):
        assert not any(secret in text for text in published)
        assert not any(secret in str(row) for row in stored)
        assert secret not in LOGGED.getvalue()
    assert issued.event.label is None
    assert issued.event.for_addressees


async def test_the_last_use_of_a_link_is_when_it_was_last_booked_with(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private, max_uses=2)
    held = await service.held(private, day(3), token=link["token"])
    before = await anna.read_link(link)
    await service.manage(held, "confirm", {"attendee": vera()})
    used = await service.topics.one(BOOKING_EVENTS, anna.id, "LinkUseConsumed")
    after_use = await anna.read_link(link)

    assert (0, None) == (before["uses"], before["last_used_at"])
    assert (1, used.header("ce_time")) == (after_use["uses"], after_use["last_used_at"])


async def test_an_erased_addressee_is_nowhere_and_their_link_opens_to_nobody(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    erased = {"name": "Erika Erased", "email": "erika-7c1@visitors.example"}
    link = await anna.link(private, label="For Erika", addressees=[erased])
    held = await service.held(private, day(3), token=link["token"])

    database = Database(service.settings.database_url, size=2)
    await database.open()
    async with database.transaction() as connection:
        await enqueue_all(connection, [erase_addressee(erased["email"].upper())])
    await database.close()
    seen = await anna.read_link(link)
    refused = await service.manage(held, "confirm", {"attendee": vera(email=erased["email"])})

    assert ("", [], True) == (seen["label"], seen["addressees"], seen["for_addressees_only"])
    assert {"#/attendee/email"} == pointers(refused)
