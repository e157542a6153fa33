"""An organizer's page: made once, published, moved to another address, closed again."""

import asyncio

from contracts.topics import BOOKING_EVENTS
from tests.component.booking.booking_service import BookingService, Organizer, pointers, problem


async def test_the_first_put_creates_the_page_and_the_same_put_again_adds_no_event(
    service: BookingService,
) -> None:
    anna = service.without_page()

    _, made = await asyncio.gather(service.grant(anna), anna.call("PUT", "/page", anna.profile))
    again = await anna.call("PUT", "/page", anna.profile)

    assert (201, 200) == (made.status_code, again.status_code)
    assert made.json() | {"version": again.json()["version"]} == again.json()
    assert anna.profile.items() <= made.json().items()
    assert not made.json()["published"]
    assert f"http://bookwith.example/with/{anna.identity}" == made.json()["url"]
    assert sorted(await anna.events()) == [
        "MeetingTypeCreated",
        "MeetingTypeCreated",
        "PageAllowed",
        "PageCreated",
    ]


async def test_every_event_of_the_page_is_published_in_order_with_its_whole_envelope(
    service: BookingService, anna: Organizer
) -> None:
    await anna.body_of("PUT", "/page", {**anna.profile, "time_zone": "Asia/Tokyo"})
    await anna.body_of("POST", "/page/unpublish")

    await service.topics.kinds(BOOKING_EVENTS, anna.id, "PageUnpublished")
    received = service.topics.of(BOOKING_EVENTS, anna.id)

    assert await anna.events() == [each.kind for each in received]
    assert [str(n) for n in range(1, len(received) + 1)] == [
        each.header("ce_sequence") for each in received
    ]
    assert {str(anna.id)} == {each.header("ce_partitionkey") for each in received}
    assert {str(anna.id)} == {
        each.header("ce_subject") for each in received if each.kind.startswith("Page")
    }
    assert {"/bookwith/booking"} == {each.header("ce_source") for each in received}
    assert "Asia/Tokyo" == next(e for e in received if e.kind == "PageChanged").event.time_zone
    stored = await service.booking.rows(
        "SELECT id::text FROM events WHERE partition_key = %s ORDER BY sequence", str(anna.id)
    )
    assert [row["id"] for row in stored] == [each.header("ce_id") for each in received]


async def test_a_handle_in_use_is_refused_at_its_field(
    service: BookingService, anna: Organizer
) -> None:
    bo = await service.organizer()

    by_put = await bo.call("PUT", "/page", {**bo.profile, "handle": anna.identity})
    by_renewal = await bo.call("POST", "/page/renew-address", {"handle": anna.identity})

    assert (409, "state-conflict") == problem(by_put) == problem(by_renewal)
    assert "#/handle" == by_put.json()["errors"][0]["pointer"]


async def test_visitors_see_the_page_only_while_it_is_published(
    service: BookingService, anna: Organizer
) -> None:
    address = f"/public/pages/{anna.identity}"
    kind = await anna.meeting_type(description="Bring the drawing.")
    await anna.meeting_type(visibility="private")

    published = await service.call("GET", address)
    await anna.body_of("POST", "/page/unpublish")
    unpublished = await service.call("GET", address)
    unknown = await service.call("GET", "/public/pages/nobody-at-all")

    assert [kind["id"]] == [each["id"] for each in published.json()["meeting_types"]]
    assert "email" not in published.text
    assert (404, "not-available") == problem(unpublished)
    assert unpublished.json() == unknown.json()


async def test_publishing_or_unpublishing_twice_adds_one_event(anna: Organizer) -> None:
    before = await anna.events()

    for action in ("publish", "unpublish", "unpublish", "publish", "publish"):
        await anna.body_of("POST", f"/page/{action}")

    assert [*before, "PageUnpublished", "PagePublished"] == await anna.events()


async def test_a_page_with_a_new_address_is_not_found_at_the_old_one(
    service: BookingService, anna: Organizer
) -> None:
    chosen = await anna.body_of("POST", "/page/renew-address", {"handle": f"{anna.identity}-new"})
    made = await anna.body_of("POST", "/page/renew-address")

    assert f"{anna.identity}-new" == chosen["handle"]
    assert made["handle"].startswith(f"{anna.identity}-new-")
    for handle, status in {anna.identity: 404, chosen["handle"]: 404, made["handle"]: 200}.items():
        assert status == (await service.call("GET", f"/public/pages/{handle}")).status_code


async def test_a_change_of_an_outdated_version_of_the_page_is_refused(
    anna: Organizer,
) -> None:
    read = await anna.call("GET", "/page")
    changed = {**anna.profile, "time_zone_locked": True}

    first = await anna.call("PUT", "/page", changed, If_Match=read.headers["etag"])
    retried = await anna.call("PUT", "/page", changed, If_Match=read.headers["etag"])
    second = await anna.call("PUT", "/page", anna.profile, If_Match=read.headers["etag"])
    hidden = await anna.call("POST", "/page/unpublish", If_Match=read.headers["etag"])
    nonsense = await anna.call("PUT", "/page", anna.profile, If_Match='"not a version"')

    assert 200 == first.status_code == retried.status_code
    assert first.headers["etag"] != read.headers["etag"]
    assert (412, "version-conflict") == problem(second) == problem(hidden) == problem(nonsense)


async def test_every_fault_of_a_page_is_named_at_once(service: BookingService) -> None:
    anna = service.without_page()
    faulty = {
        "handle": "Admin!",
        "display_name": " ",
        "email": "anna",
        "time_zone": "Europe/Copenhagen",
        "locale": "danish language",
    }

    answer = await anna.call("PUT", "/page", faulty)
    misspelt = await anna.call("PUT", "/page", {**faulty, "time_zone": "Mars", "zone": "x"})

    assert {"#/handle", "#/display_name", "#/email", "#/locale"} == pointers(answer)
    assert {"#/time_zone", "#/zone"} | pointers(answer) == pointers(misspelt)
    assert [] == await anna.events()


async def test_a_page_that_the_policy_has_not_decided_about_is_not_open(
    service: BookingService, no_waiting: BookingService
) -> None:
    anna = no_waiting.without_page()

    made = await anna.call("PUT", "/page", anna.profile)
    published = await anna.body_of("POST", "/page/publish")

    assert 201 == made.status_code
    assert (True, False) == (published["published"], published["available"])
    assert (404, "not-available") == problem(
        await service.call("GET", f"/public/pages/{anna.identity}")
    )


async def test_an_organizer_without_a_page_gets_not_found(service: BookingService) -> None:
    anna = service.without_page()

    for method, path in (("GET", "/page"), ("POST", "/page/publish")):
        assert (404, "not-found") == problem(await anna.call(method, path))
    answer = await anna.call("POST", "/meeting-types", {"title": "Tea", "duration_minutes": 30})
    assert (404, "not-found") == problem(answer)


async def test_a_new_zone_is_carried_into_the_meeting_types(anna: Organizer) -> None:
    kind = await anna.meeting_type()

    await anna.body_of("PUT", "/page", {**anna.profile, "time_zone": "Asia/Tokyo"})
    changed = await anna.body_of("GET", f"/meeting-types/{kind['id']}")

    assert ("Asia/Tokyo", 2) == (changed["organizer_time_zone"], changed["revision"])
