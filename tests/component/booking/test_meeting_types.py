"""Meeting types: made with defaults, changed, made public, deleted; what that does to links."""

from typing import Any

import pytest

from contracts.topics import BOOKING_EVENTS
from tests.component.booking.booking_service import (
    BookingService,
    Organizer,
    day,
    key,
    pointers,
    problem,
    vera,
)


async def test_a_new_type_has_defaults_and_its_event_carries_all_fields(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.body_of(
        "POST", "/meeting-types", {"title": "Kaffe på broen", "duration_minutes": 45}
    )
    published = await service.topics.one(BOOKING_EVENTS, anna.id, "MeetingTypeCreated", number=3)

    assert {
        "slug": "kaffe-paa-broen",
        "increment_minutes": 30,
        "min_lead_minutes": 120,
        "max_lead_minutes": 60 * 24 * 60,
        "visibility": "public",
        "hours": "calendar",
        "organizer_time_zone": "Europe/Copenhagen",
        "revision": 1,
        "url": f"http://bookwith.example/with/{anna.identity}/kaffe-paa-broen",
    }.items() <= kind.items()
    whole = published.body
    shared = set(kind) - {"url", "warnings"}
    assert {name: kind[name] for name in shared} == {name: whole[name] for name in shared}
    assert published.event.id.hex == kind["id"].replace("-", "")


async def test_the_increment_of_a_short_type_is_its_duration(anna: Organizer) -> None:
    kind = await anna.meeting_type(duration_minutes=10)

    assert 10 == kind["increment_minutes"]


async def test_a_type_with_weekly_hours_has_custom_hours(anna: Organizer) -> None:
    kind = await anna.meeting_type(weekly_hours={"mon": [["09:00", "12:00"], ["22:00", "02:00"]]})

    assert "custom" == kind["hours"]
    assert [["09:00", "12:00"], ["22:00", "02:00"]] == kind["weekly_hours"]["mon"]
    assert [] == kind["weekly_hours"]["tue"]


async def test_every_fault_of_a_type_is_named_at_once(anna: Organizer) -> None:
    before = await anna.events()
    faulty = {
        "title": "",
        "slug": "No Slug!",
        "description": "a bell \x07",
        "duration_minutes": 4,
        "increment_minutes": 241,
        "min_lead_minutes": -1,
        "max_lead_minutes": 366 * 24 * 60,
        "location": {"kind": "phone", "who_calls": "attendee"},
        "hours": "custom",
    }

    answer = await anna.call("POST", "/meeting-types", faulty)

    assert {
        "#/title",
        "#/slug",
        "#/description",
        "#/duration_minutes",
        "#/increment_minutes",
        "#/min_lead_minutes",
        "#/max_lead_minutes",
        "#/location/number",
        "#/weekly_hours",
    } == pointers(answer)
    assert before == await anna.events()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"title": "Tea"}, "#/duration_minutes"),
        ({"title": "Tea", "duration_minutes": "long"}, "#/duration_minutes"),
        ({"title": "Tea", "duration_minutes": 30, "durations": 1}, "#/durations"),
        ({"title": "Tea", "duration_minutes": 30, "location": {"kind": "moon"}}, "#/location/kind"),
        (
            {"title": "Tea", "duration_minutes": 30, "location": {"kind": "in_person"}},
            "#/location/address",
        ),
        (
            {"title": "Tea", "duration_minutes": 30, "weekly_hours": {"mon": [["09:00"]]}},
            "#/weekly_hours/mon/0/1",
        ),
        (["not", "an", "object"], "#"),
    ],
)
async def test_a_malformed_type_is_answered_with_a_pointer_to_the_fault(
    anna: Organizer, body: Any, pointer: str
) -> None:
    found = pointers(await anna.call("POST", "/meeting-types", body))

    assert {pointer} == found


async def test_a_slug_is_unique_for_each_organizer(
    service: BookingService, anna: Organizer
) -> None:
    bo = await service.organizer()
    await anna.meeting_type(slug="coffee")
    other = await anna.meeting_type()

    made = await anna.call("POST", "/meeting-types", {**_tea(), "slug": "coffee"})
    changed = await anna.call("PATCH", f"/meeting-types/{other['id']}", {"slug": "coffee"})
    theirs = await bo.call("POST", "/meeting-types", {**_tea(), "slug": "coffee"})

    assert (409, "state-conflict") == problem(made) == problem(changed)
    assert "#/slug" == made.json()["errors"][0]["pointer"]
    assert 201 == theirs.status_code


async def test_a_patch_changes_only_its_fields_and_the_same_patch_again_changes_nothing(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(description="Bring the drawing.")
    address = f"/meeting-types/{kind['id']}"

    changed = await anna.body_of("PATCH", address, {"duration_minutes": 60})
    again = await anna.body_of("PATCH", address, {"duration_minutes": 60})
    faulty = await anna.call("PATCH", address, {"duration_minutes": 3})

    longer = {"duration_minutes": 60, "durations_minutes": [60], "revision": 2}
    assert kind | longer == changed == again
    assert {"#/duration_minutes"} == pointers(faulty)
    assert 1 == (await anna.events()).count("MeetingTypeChanged")
    published = await service.topics.one(BOOKING_EVENTS, anna.id, "MeetingTypeChanged")
    assert (60, "Bring the drawing.") == (
        published.event.duration_minutes,
        published.event.description,
    )


async def test_a_change_of_an_outdated_version_of_a_type_is_refused(anna: Organizer) -> None:
    kind = await anna.meeting_type()
    address = f"/meeting-types/{kind['id']}"
    read = await anna.call("GET", address)

    first = await anna.call("PATCH", address, {"title": "Tea"}, If_Match=read.headers["etag"])
    second = await anna.call("PATCH", address, {"title": "Milk"}, If_Match=read.headers["etag"])

    retried = await anna.call("PATCH", address, {"title": "Tea"}, If_Match=read.headers["etag"])
    third = await anna.call("PATCH", address, {"title": "Milk"}, If_Match="*")
    deleted = await anna.call("DELETE", address, If_Match=first.headers["etag"])

    assert (200, (412, "version-conflict")) == (first.status_code, problem(second))
    assert (200, first.headers["etag"]) == (retried.status_code, retried.headers["etag"])
    assert (200, "Milk") == (third.status_code, third.json()["title"])
    assert (412, "version-conflict") == problem(deleted)


async def test_a_deleted_type_is_not_found_and_its_links_say_that_it_was_deleted(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(visibility="private")
    link = await anna.link(kind)
    address = f"/meeting-types/{kind['id']}"

    deleted = await anna.call("DELETE", address)
    behind = await service.call("GET", f"/public/links/{link['token']}")

    assert (204, b"") == (deleted.status_code, deleted.content)
    assert (404, "not-found") == problem(await anna.call("GET", address))
    assert 204 == (await anna.call("DELETE", address)).status_code  # it is done already
    assert (410, "link-dead") == problem(behind)
    assert "type_deleted" == behind.json()["reason"]
    assert "revoked" == (await anna.read_link(link))["state"]
    assert (410, "link-dead") == problem(await service.reserve(kind, day(3), token=link["token"]))
    assert (404, "not-found") == problem(await service.reserve(kind, day(3)))
    expired = await service.topics.one(BOOKING_EVENTS, anna.id, "LinkExpired")
    assert ("type_deleted", kind["id"]) == (
        expired.event.reason,
        str(expired.event.meeting_type_id),
    )


async def test_the_slug_of_a_deleted_type_is_free_again(anna: Organizer) -> None:
    kind = await anna.meeting_type(slug="coffee")

    await anna.body_of("DELETE", f"/meeting-types/{kind['id']}")
    await anna.meeting_type(slug="coffee")


async def test_a_type_that_is_made_public_ends_its_links(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(visibility="private")
    link = await anna.link(kind)

    await anna.body_of("PATCH", f"/meeting-types/{kind['id']}", {"visibility": "public"})
    behind = await service.call("GET", f"/public/links/{link['token']}")

    assert (410, "type_made_public") == (behind.status_code, behind.json()["reason"])
    assert 200 == (await service.call("GET", f"/public/meeting-types/{kind['id']}")).status_code


async def test_bookings_of_a_deleted_type_can_still_be_moved_and_cancelled(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    booking = await service.booked(kind, day(3))
    await anna.body_of("DELETE", f"/meeting-types/{kind['id']}")

    moved = await service.manage(booking, "reschedule", {"start": day(4)})
    cancelled = await service.manage(booking, "cancel")

    assert (200, day(4)) == (moved.status_code, moved.json()["start"])
    assert (200, "cancelled") == (cancelled.status_code, cancelled.json()["status"])
    assert kind["title"] == cancelled.json()["title"]


async def test_a_held_time_of_a_deleted_type_cannot_be_confirmed(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    held = await service.held(kind, day(3))
    await anna.body_of("DELETE", f"/meeting-types/{kind['id']}")

    answer = await service.manage(held, "confirm", {"attendee": vera()})

    assert (404, "not-available") == problem(answer)


async def test_a_request_sent_twice_with_one_key_creates_one_type(anna: Organizer) -> None:
    name = key()

    first = await anna.call("POST", "/meeting-types", _tea(), Idempotency_Key=name)
    second = await anna.call("POST", "/meeting-types", _tea(), Idempotency_Key=name)

    assert first.json() == second.json()
    assert "true" == second.headers["idempotent-replayed"]
    assert 1 == len((await anna.body_of("GET", "/meeting-types"))["items"])


async def test_an_oversized_body_is_refused(anna: Organizer) -> None:
    answer = await anna.call("POST", "/meeting-types", {**_tea(), "description": "x" * 70_000})

    assert (413, "too-large") == problem(answer)


def _tea() -> dict[str, Any]:
    return {"title": "Tea", "duration_minutes": 30}
