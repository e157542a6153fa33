"""What the API is sent: every fault at once, names trimmed, and what is asked for is obeyed."""

from typing import Any

from tests.component.booking.booking_service import (
    BookingService,
    Organizer,
    day,
    pointers,
    problem,
    vera,
)

UNSEEN = "\ufeff\u200b \u2800\u3164"
THEY_CALL = {"kind": "phone", "who_calls": "organizer"}


def details(answer: Any) -> dict[str, str]:
    """Return what is said at each place."""
    return {fault["pointer"]: fault["detail"] for fault in answer.json()["errors"]}


async def test_every_fault_of_a_meeting_type_is_named_in_one_answer(anna: Organizer) -> None:
    refused = await anna.call(
        "POST",
        "/meeting-types?colour=red",
        {
            "title": UNSEEN,
            "slug": "A B",
            "duration_minutes": 0,
            "min_lead_minutes": -1,
            "max_lead_minutes": 5,
            "hours": "calendar",
            "weekly_hours": {"mon": [["09:00", "12:00"]]},
            "location": {"kind": "online", "provider": "url", "url_template": "http://x"},
            "of/no~kind": 1,
        },
    )

    assert pointers(refused) == {
        "#/query/colour",
        "#/title",
        "#/slug",
        "#/duration_minutes",
        "#/min_lead_minutes",
        "#/max_lead_minutes",
        "#/hours",
        "#/weekly_hours",
        "#/location/url_template",
        "#/of~1no~0kind",
    }


async def test_every_fault_of_a_page_a_link_and_a_booking_is_named_in_one_answer(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(visibility="private")
    faulty = {
        **anna.profile,
        "handle": "A",
        "display_name": UNSEEN,
        "email": "a@1.2.3.4",
        "time_zone": "Mars/Base",
        "locale": "sv",
    }

    page = await anna.call("PUT", "/page", faulty)
    link = await anna.call(
        "POST",
        f"/meeting-types/{kind['id']}/links",
        {"label": "x" * 101, "max_uses": 0, "expires_at": "2020-01-01T00:00:00Z"},
    )
    booking = await service.reserve(
        kind,
        "1767225600",
        attendee=vera(name=UNSEEN, email="x" * 65 + "@a.example", locale="sv", phone="me"),
        answers=[{"question_id": "", "value": 5}],
    )

    assert pointers(page) == {
        "#/handle",
        "#/display_name",
        "#/email",
        "#/time_zone",
        "#/locale",
    }
    assert details(page)["#/locale"] == "Must be a language that there is: da, en."
    assert pointers(link) == {"#/label", "#/max_uses", "#/expires_at"}
    assert pointers(booking) == {
        "#/start",
        "#/attendee/name",
        "#/attendee/email",
        "#/attendee/locale",
        "#/attendee/phone",
        "#/answers/0/question_id",
        "#/answers/0/value",
    }


async def test_what_is_unseen_is_trimmed_from_every_name_and_title(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(visibility="private", title=f"{UNSEEN}Tea\ufeff{UNSEEN}")
    link = await anna.link(kind, label=f"Fair{UNSEEN}")
    booked = await service.held(
        kind,
        day(3),
        token=link["token"],
        attendee=vera(name=f"Ve\ufeffra {UNSEEN}", email=f"{UNSEEN}vera@stra\u00dfe.de "),
    )

    assert ("Tea", "tea", "Fair") == (kind["title"], kind["slug"], link["label"])
    assert ("Vera", "vera@stra\u00dfe.de") == (
        booked["attendee"]["name"],
        booked["attendee"]["email"],
    )


async def test_whoever_has_no_page_is_told_how_to_make_one(service: BookingService) -> None:
    nobody = service.without_page()

    for method, path, body in (
        ("GET", "/page", None),
        ("POST", "/page/publish", None),
        ("POST", "/meeting-types", {"title": "Tea", "duration_minutes": 30}),
    ):
        refused = await nobody.call(method, path, body)
        assert (404, "not-found") == problem(refused), path
        assert "PUT /api/booking/v1/page" in refused.json()["detail"]


async def test_ranges_are_obeyed_or_refused_and_never_kept_without_effect(
    anna: Organizer,
) -> None:
    ranges = {"mon": [["09:00", "12:00"]]}
    kind = await anna.meeting_type()
    path = f"/meeting-types/{kind['id']}"

    refused = await anna.call("PATCH", path, {"hours": "calendar", "weekly_hours": ranges})
    custom = await anna.body_of("PATCH", path, {"weekly_hours": ranges})
    regular = await anna.body_of("PATCH", path, {"hours": "calendar"})

    assert {"#/hours", "#/weekly_hours"} == pointers(refused)
    assert ("custom", ranges["mon"]) == (custom["hours"], custom["weekly_hours"]["mon"])
    assert ("calendar", []) == (regular["hours"], regular["weekly_hours"]["mon"])


async def test_a_range_in_which_no_meeting_fits_is_taken_with_a_warning(anna: Organizer) -> None:
    kind = await anna.meeting_type(weekly_hours={"mon": [["23:59", "00:00"], ["09:00", "10:00"]]})

    shorter = await anna.body_of("PATCH", f"/meeting-types/{kind['id']}", {"duration_minutes": 90})
    seen = await anna.body_of("GET", f"/meeting-types/{kind['id']}")
    whole = await anna.body_of(
        "PATCH", f"/meeting-types/{kind['id']}", {"weekly_hours": {"mon": [["09:00", "12:00"]]}}
    )

    assert ["#/weekly_hours/mon/0"] == [each["pointer"] for each in kind["warnings"]]
    assert ["#/weekly_hours/mon/0", "#/weekly_hours/mon/1"] == [
        each["pointer"] for each in shorter["warnings"]
    ]
    assert "90 minutes" in shorter["warnings"][0]["detail"]
    assert shorter["warnings"] == seen["warnings"]
    assert [] == whole["warnings"]


async def test_whom_the_organizer_calls_says_at_which_number(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(location=THEY_CALL)

    refused = await service.reserve(kind, day(3), attendee=vera())
    booked = await service.held(kind, day(3), attendee=vera(phone=" +45 12 34 56 78"))
    answered = await service.held(
        kind,
        day(4),
        attendee=vera(),
        answers=[{"question_id": "phone", "value": "+45 87 65 43 21"}],
    )
    seen = await anna.body_of("GET", f"/bookings/{booked['id']}")

    assert {"#/attendee/phone": "Must be given: the organizer calls this number."} == details(
        refused
    )
    assert [("phone", None, "+45 12 34 56 78")] == [
        (each["question_id"], each["label"], each["value"]) for each in seen["answers"]
    ]
    assert "confirmed" == answered["status"]


async def test_a_booking_is_confirmed_once_and_not_again_for_somebody_else(
    service: BookingService, anna: Organizer
) -> None:
    held = await service.held(await anna.meeting_type(), day(3))

    first = await service.manage(held, "confirm", {"attendee": vera()})
    again = await service.manage(held, "confirm", {"attendee": vera(locale="da")})
    other = await service.manage(
        held, "confirm", {"attendee": vera(name="Bo", email="bo@visitors.example")}
    )

    assert [200, 200] == [first.status_code, again.status_code]
    assert (409, "state-conflict") == problem(other)
    assert "Vera Visitor" == (await service.read(held))["attendee"]["name"]


async def test_the_organizer_acts_as_themselves_and_never_sees_the_attendees_token(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    held, booked = await service.held(kind, day(3)), await service.booked(kind, day(4))

    seen = [
        await anna.body_of("GET", f"/bookings/{booked['id']}"),
        *(await anna.body_of("GET", "/bookings?status=held&status=confirmed"))["items"],
        await anna.body_of("POST", f"/bookings/{held['id']}/confirm", {"attendee": vera()}),
        await anna.body_of("POST", f"/bookings/{booked['id']}/reschedule", {"start": day(5)}),
        await anna.body_of("POST", f"/bookings/{booked['id']}/cancel"),
    ]
    file = await anna.call("GET", f"/bookings/{booked['id']}/invite.ics")
    cancelled = await service.topics.one("booking.events.v1", anna.id, "BookingCancelled")

    assert len(seen) == 6
    assert {(None, None)} == {(each["manage_token"], each["manage_url"]) for each in seen}
    assert "bwm_" not in file.text
    assert "organizer" == cancelled.event.by
    assert booked["manage_token"] == (await service.read(booked))["manage_token"]
