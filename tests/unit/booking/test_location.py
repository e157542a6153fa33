"""Where a meeting takes place: what an attendee may know of it, and what is refused."""

from uuid import UUID

import pytest

from services.booking.domain.location import (
    InPerson,
    Location,
    Online,
    Phone,
    as_attendee_sees,
    join_url,
    location_faults,
)
from services.booking.domain.refusals import Fault

BOOKING = UUID(int=7)
ROOM = "https://meet.bridges.example/{booking_id}"
NO_NUMBER = Fault("/location/number", "Must be a phone number such as +45 12 34 56 78.")
NO_ADDRESS = (
    "Must be an https address with its host, such as https://meet.example.org/{booking_id};"
    " nothing but {booking_id} may stand in braces."
)


@pytest.mark.parametrize(
    ("location", "before", "booked"),
    [
        (InPerson("Bridge Street 7"), InPerson("Bridge Street 7"), InPerson("Bridge Street 7")),
        (Phone("attendee", "+45 1234"), Phone("attendee"), Phone("attendee", "+45 1234")),
        (Phone("attendee", ""), Phone("attendee"), Phone("attendee")),
        (Phone("organizer", "+45 1234"), Phone("organizer"), Phone("organizer")),
        (Online("jitsi", ROOM), Online("jitsi"), Online("jitsi", ROOM)),
        (Online("url", "https://a.example/"), Online("url"), Online("url", "https://a.example/")),
    ],
)
def test_an_attendee_sees_how_to_join_or_call_once_it_is_booked(
    location: Location, before: Location, booked: Location
) -> None:
    assert before == as_attendee_sees(location, booked=False)
    assert booked == as_attendee_sees(location, booked=True)


@pytest.mark.parametrize(
    ("location", "url"),
    [
        (Online("jitsi", ROOM), f"https://meet.bridges.example/{BOOKING}"),
        (Online("url", "https://a.example/room"), "https://a.example/room"),
        (
            Online("url", "https://a.example/{booking_id}?id={booking_id}"),
            f"https://a.example/{BOOKING}?id={BOOKING}",
        ),
        (Online("teams"), None),
        (Phone("attendee", "+45 1234"), None),
        (InPerson("Bridge Street 7"), None),
    ],
)
def test_only_a_meeting_online_is_joined_at_an_address(location: Location, url: str | None) -> None:
    assert url == join_url(location, BOOKING)


def test_a_place_has_at_most_300_characters() -> None:
    assert [] == list(location_faults(InPerson("x" * 300)))
    assert [Fault("/location/address", "Must have at most 300 characters.")] == list(
        location_faults(InPerson("x" * 301))
    )


@pytest.mark.parametrize(
    "number", ["123", "+123", "1" + "2" * 30, "+45 12-34 (56) 7.8/9", "0()/.- 9"]
)
def test_a_phone_number_has_3_to_31_digits_and_signs(number: str) -> None:
    assert [] == list(location_faults(Phone("attendee", number)))
    assert [] == list(location_faults(Phone("organizer", number)))


@pytest.mark.parametrize(
    "number", ["", "12", "+12", "1" + "2" * 31, "++123", "(123)", "12a", "123\n", "1,234", "١٢٣٤"]
)
def test_any_other_phone_number_is_refused(number: str) -> None:
    assert [NO_NUMBER] == list(location_faults(Phone("attendee", number)))
    assert [NO_NUMBER] == list(location_faults(Phone("organizer", number)))


def test_a_number_is_needed_only_when_the_attendee_calls() -> None:
    assert [NO_NUMBER] == list(location_faults(Phone("attendee")))
    assert [] == list(location_faults(Phone("organizer")))


@pytest.mark.parametrize(
    "template",
    [
        "https://a.example",
        "https://m\u00fcnchen.example/",
        "https://{booking_id}.a.example/",
        "https://a.example:8443/x",
        "https://a.example?room=1",
        "https://a.example#1",
        "https://a.example/" + "x" * 482,
    ],
)
def test_a_web_address_of_at_most_500_characters_is_accepted(template: str) -> None:
    assert len(template) <= 500
    assert [] == list(location_faults(Online("url", template)))


@pytest.mark.parametrize(
    "template",
    [
        "",
        "a.example",
        "ftp://a.example",
        "http://a.example",
        "https://a",
        "https://a..example",
        "https://-a.example",
        "https://10.0.0.1/",
        "https://",
        "https://?room",
        "https://a@b.example/",
        "https://[::1]/",
        "https://a.example/ x",
        "https://a.example/\u200b",
        "https://a.example/\u200f",
        "https://a.example/\u2028",
        "https://a.example/\u202e",
        "https://a.example/\u2060",
        "https://a.example/\u2069",
        "https://a.example/\ufeff",
        "https://a.example/\x7f",
        "https://a.example/'",
        'https://a.example/"',
        "https://a.example/<b>",
        "https://a.example/\\",
        "https://a.example/{organizer}",
        "https://a.example/{booking_id",
        "https://a.example/" + "x" * 483,
    ],
    ids=ascii,
)
def test_any_other_web_address_is_refused(template: str) -> None:
    assert [Fault("/location/url_template", NO_ADDRESS)] == list(
        location_faults(Online("url", template))
    )


def test_a_missing_address_of_a_teams_meeting_says_that_none_can_be_made() -> None:
    fault = Fault(
        "/location/url_template", f"{NO_ADDRESS} Bookwith cannot make Teams meetings yet."
    )

    assert [fault] == list(location_faults(Online("teams")))
    assert [] == list(location_faults(Online("teams", "https://teams.example/anna")))
    assert [Fault("/location/url_template", NO_ADDRESS)] == list(location_faults(Online("url")))


def test_a_jitsi_room_is_one_for_each_booking() -> None:
    fault = Fault(
        "/location/url_template",
        "Must contain {booking_id}, so that each booking has its own room.",
    )

    assert [fault] == list(location_faults(Online("jitsi", "https://meet.bridges.example/anna")))
    assert [] == list(location_faults(Online("jitsi", ROOM)))
