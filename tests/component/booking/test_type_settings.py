"""The settings of a meeting type: taken the same way by POST and PATCH, and what they do."""

import json
from typing import Any

from contracts.topics import BOOKING_EVENTS
from tests.component.booking.booking_service import (
    BookingService,
    Organizer,
    day,
    pointers,
    problem,
    vera,
)
from tests.component.booking.browsing import Visitor, browsing, heading, hold, offer
from tests.component.booking.conftest import FreeTimesServer

EVERYTHING: dict[str, Any] = {
    "durations_minutes": [30, 60],
    "buffer_before_minutes": 10,
    "buffer_after_minutes": 15,
    "date_overrides": {"2027-12-24": [], "2027-12-31": [["09:00", "12:00"]]},
    "locations": [
        {"kind": "in_person", "address": "Bridge Street 7"},
        {"kind": "phone", "who_calls": "organizer", "number": None},
    ],
    "questions": [
        {"id": "topic", "label": "Topic?", "kind": "text", "required": True, "choices": []},
        {"id": "drink", "label": "?", "kind": "choice", "required": False, "choices": ["Tea"]},
    ],
    "approval_required": True,
    "approval_deadline_minutes": 60,
    "verification_required": True,
    "reminders": [{"minutes_before": 60, "to": "attendee", "text": "Bring the drawing."}],
    "max_per_day": 2,
    "max_per_week": 5,
    "max_active_per_attendee": 1,
    "colour": "#1a73e8",
    "enabled": False,
    "members_only": True,
    "change_cutoff_minutes": 0,
    "frame_origins": ["https://www.example.com", "http://localhost:8000"],
}
FAULTY: dict[str, Any] = {
    "durations_minutes": [30, 4, 30],
    "buffer_before_minutes": -1,
    "buffer_after_minutes": 721,
    "date_overrides": {"2027-12-24": [["9", "12:00"]]},
    "locations": [
        {"kind": "in_person", "address": " "},
        {"kind": "phone", "who_calls": "attendee"},
    ],
    "questions": [
        {"id": "a b", "label": ""},
        {"label": "Tea?", "kind": "choice"},
        {"label": "Tea!", "choices": ["x"]},
    ],
    "approval_deadline_minutes": 29,
    "reminders": [{"minutes_before": 4}],
    "max_per_day": 0,
    "max_per_week": 1001,
    "max_active_per_attendee": 0,
    "colour": "red;}",
    "change_cutoff_minutes": -1,
    "frame_origins": ["https://www.example.com", "https://*.example.com"],
}
FAULTY_AT = {
    "#/durations_minutes/1",
    "#/durations_minutes/2",
    "#/buffer_before_minutes",
    "#/buffer_after_minutes",
    "#/date_overrides/2027-12-24/0/0",
    "#/locations/0/address",
    "#/locations/1/number",
    "#/questions/0/id",
    "#/questions/0/label",
    "#/questions/1/choices",
    "#/questions/2/id",
    "#/questions/2/choices",
    "#/approval_deadline_minutes",
    "#/reminders/0/minutes_before",
    "#/max_per_day",
    "#/max_per_week",
    "#/max_active_per_attendee",
    "#/colour",
    "#/change_cutoff_minutes",
    "#/frame_origins/1",
}


async def test_post_and_patch_understand_every_field_the_same_way(
    service: BookingService, anna: Organizer
) -> None:
    posted = await anna.body_of("POST", "/meeting-types", {"title": "Tea", **EVERYTHING})
    plain = await anna.meeting_type()
    patched = await anna.body_of("PATCH", f"/meeting-types/{plain['id']}", EVERYTHING)
    published = await service.topics.one(BOOKING_EVENTS, anna.id, "MeetingTypeChanged")

    assert EVERYTHING.items() <= posted.items()
    assert {name: posted[name] for name in EVERYTHING} == {
        name: patched[name] for name in EVERYTHING
    }
    assert (30, EVERYTHING["locations"][0]) == (patched["duration_minutes"], patched["location"])
    assert {name: published.body[name] for name in EVERYTHING} == EVERYTHING


async def test_post_and_patch_refuse_every_field_at_the_same_pointers(anna: Organizer) -> None:
    kind = await anna.meeting_type()

    posted = await anna.call("POST", "/meeting-types", {"title": "Tea", **FAULTY})
    patched = await anna.call("PATCH", f"/meeting-types/{kind['id']}", FAULTY)

    assert FAULTY_AT == pointers(posted) == pointers(patched)


async def test_no_field_of_a_type_takes_what_it_is_not(
    service: BookingService, anna: Organizer
) -> None:
    fields = (*EVERYTHING, "duration_minutes", "location", "weekly_hours")
    values: tuple[Any, ...] = (
        {"\ud800": 1},
        [{"\u202e": []}],
        "\x00",
        10**30,
        [None],
        0.5,
        "\ud800",
        "x" * 5000,
    )
    address = "/api/booking/v1/meeting-types"
    headers = {**anna.headers, "Content-Type": "application/json"}

    for field in fields:
        for value in values:
            body = {"title": "Tea", "duration_minutes": 30, field: value}
            answer = await service.booking.http.post(
                address, content=json.dumps(body), headers=headers
            )

            assert (422, "invalid") == problem(answer), (field, value)


async def test_null_takes_a_limit_away_and_gives_a_default_back(anna: Organizer) -> None:
    kind = await anna.meeting_type(**{**EVERYTHING, "increment_minutes": 5, "slug": "x-y"})
    empty = ("max_per_day", "max_per_week", "max_active_per_attendee", "colour")

    changed = await anna.body_of(
        "PATCH",
        f"/meeting-types/{kind['id']}",
        dict.fromkeys((*empty, "change_cutoff_minutes", "slug", "increment_minutes")),
    )
    refused = await anna.call("PATCH", f"/meeting-types/{kind['id']}", {"enabled": None})

    assert [None] * 4 == [changed[name] for name in empty]
    assert (30, kind["title"].lower().replace(" ", "-")) == (
        changed["increment_minutes"],
        changed["slug"],
    )
    assert {"#/enabled"} == pointers(refused)


async def test_one_duration_replaces_several_and_must_be_the_first_of_them(
    anna: Organizer,
) -> None:
    kind = await anna.meeting_type(durations_minutes=[30, 60])
    path = f"/meeting-types/{kind['id']}"

    other = await anna.call("PATCH", path, {"duration_minutes": 60, "durations_minutes": [30, 60]})
    same = await anna.body_of(
        "PATCH", path, {"duration_minutes": 30, "durations_minutes": [30, 60]}
    )
    one = await anna.body_of("PATCH", path, {"duration_minutes": 45})

    assert {"#/duration_minutes"} == pointers(other)
    assert [30, 60] == same["durations_minutes"]
    assert [45] == one["durations_minutes"]


async def test_a_booking_takes_the_duration_and_the_place_that_its_attendee_chose(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(durations_minutes=[30, 60], locations=EVERYTHING["locations"])

    other = await service.reserve(kind, day(3), duration_minutes=45)
    nowhere = await service.reserve(kind, day(3), attendee=vera(), location_index=2)
    silent = await service.reserve(kind, day(3), location_index=1)
    unreachable = await service.reserve(kind, day(3), attendee=vera(), location_index=1)
    booked = await service.held(
        kind,
        day(3),
        duration_minutes=60,
        attendee=vera(phone="+45 12 34 56 78"),
        location_index=1,
    )
    default = await service.booked(kind, day(4))

    assert {"#/duration_minutes"} == pointers(other)
    assert {"#/location_index"} == pointers(nowhere) == pointers(silent)
    assert {"#/attendee/phone"} == pointers(unreachable)
    assert (day(3, 11), "phone") == (booked["end"], booked["location"]["kind"])
    assert (day(4, 10, 30), "Bridge Street 7") == (default["end"], default["location"]["address"])


async def test_only_who_is_signed_in_books_a_type_for_members(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(members_only=True)
    member = service.sign_in.signed_in("somebody-of-the-house")
    asked = {"meeting_type_id": kind["id"], "start": day(3), "attendee": vera()}

    stranger = await service.call("POST", "/bookings", asked)
    forged = await service.call("POST", "/bookings", asked, {"Authorization": "Bearer x.y.z"})
    booked = await service.call("POST", "/bookings", asked, member)
    seen = await service.call("GET", f"/public/meeting-types/{kind['id']}")

    assert (401, "unauthenticated") == problem(stranger) == problem(forged)
    assert "Sign in" in stranger.json()["detail"]
    assert "Bearer" == stranger.headers["www-authenticate"]
    assert (201, "confirmed") == (booked.status_code, booked.json()["status"])
    assert seen.json()["members_only"]


async def test_a_visitor_of_the_page_is_told_that_a_type_is_for_members(
    service: BookingService, anna: Organizer, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type(members_only=True)
    offer(free_times, day(3))

    async with browsing(service) as client:
        refused = await hold(Visitor(client), kind, day(3))

    assert (401, "For members only") == (refused.status_code, heading(refused))


async def test_a_type_that_is_turned_off_is_not_offered_and_its_bookings_live_on(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    private = await anna.meeting_type(visibility="private")
    link = await anna.link(private)
    booked = await service.booked(kind, day(3))
    held = await service.held(kind, day(4))
    for each in (kind, private):
        await anna.body_of("PATCH", f"/meeting-types/{each['id']}", {"enabled": False})

    refused = await service.reserve(kind, day(5))
    by_link = await service.reserve(private, day(5), token=link["token"])
    shown = await service.call("GET", f"/public/meeting-types/{kind['id']}")
    behind = await service.call("GET", f"/public/links/{link['token']}")
    page = await service.call("GET", f"/public/pages/{anna.identity}")
    late = await service.manage(held, "confirm", {"attendee": vera()})
    moved = await service.manage(booked, "reschedule", {"start": day(6)})
    cancelled = await service.manage(booked, "cancel")
    await anna.body_of("PATCH", f"/meeting-types/{private['id']}", {"enabled": True})
    again = await service.held(private, day(5), token=link["token"])

    assert (404, "not-available") == problem(refused) == problem(late)
    assert (403, "not-available") == problem(by_link) == problem(behind)
    assert (404, "not-found") == problem(shown)
    assert [] == page.json()["meeting_types"]
    assert (200, day(6)) == (moved.status_code, moved.json()["start"])
    assert (200, "cancelled") == (cancelled.status_code, cancelled.json()["status"])
    assert "held" == again["status"]


async def test_visibility_changes_in_both_directions(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    path = f"/meeting-types/{kind['id']}"
    booked = await service.booked(kind, day(3))
    held = await service.held(kind, day(4))

    await anna.body_of("PATCH", path, {"visibility": "private"})
    hidden = await service.reserve(kind, day(5))
    link = await anna.link(kind)
    by_link = await service.held(kind, day(5), token=link["token"])
    confirmed = await service.manage(held, "confirm", {"attendee": vera()})
    public = await anna.body_of("PATCH", path, {"visibility": "public"})
    seen = await anna.read_link(link)
    through = await service.manage(by_link, "confirm", {"attendee": vera()})

    assert (404, "not-found") == problem(hidden)
    assert "confirmed" == (await service.read(booked))["status"] == confirmed.json()["status"]
    assert "revoked" == seen["state"]
    assert f"/with/{anna.identity}/" in public["url"]
    assert (410, "link-dead") == problem(through)


async def test_a_copy_of_a_type_has_its_settings_and_an_address_of_its_own(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(title="Tea", description="Bring a cup.", **EVERYTHING)
    bo = await service.organizer()
    path = f"/meeting-types/{kind['id']}/duplicate"

    copies = [await anna.body_of("POST", path) for _ in range(2)]
    named = await anna.body_of("POST", path, {"title": "Coffee", "slug": "coffee"})
    taken = await anna.call("POST", path, {"slug": "coffee"})
    foreign = await bo.call("POST", path)

    own = {"id", "title", "slug", "revision", "url"}
    for copy in (*copies, named):
        assert {name: kind[name] for name in kind.keys() - own} == {
            name: copy[name] for name in kind.keys() - own
        }
    assert ["Tea (copy)", "Tea (copy)", "Coffee"] == [each["title"] for each in (*copies, named)]
    assert ["tea-copy", "tea-copy-2", "coffee"] == [each["slug"] for each in (*copies, named)]
    assert (409, "state-conflict") == problem(taken)
    assert (404, "not-found") == problem(foreign)


async def test_attendees_may_change_until_the_cut_off_of_the_type(
    service: BookingService, anna: Organizer
) -> None:
    strict = await anna.meeting_type(change_cutoff_minutes=10 * 24 * 60)
    lenient = await anna.meeting_type(change_cutoff_minutes=0, min_lead_minutes=0)

    late = await service.manage(await service.booked(strict, day(3)), "cancel")
    in_time = await service.manage(await service.booked(lenient, day(4)), "cancel")

    assert (409, "change-too-late") == problem(late)
    assert 200 == in_time.status_code
