"""The calendar of free times, and a meeting in words and links."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from services.booking.domain.location import InPerson, Online, Phone
from services.booking.web.attendee.meeting import calendar_links, initials, meeting_words
from services.booking.web.attendee.picker import Asked, Picker, Times, asked_for, pick, within
from services.booking.web.wording import languages, reader_of
from services.chassis.web.clock import Clock

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
NOW = datetime(2026, 10, 12, 8, tzinfo=UTC)
HORIZON = NOW + timedelta(days=60)
OCTOBER = date(2026, 10, 1)


def slot(month: int, day: int, hour: int = 0, minute: int = 0) -> Times:
    start = datetime(2026, month, day, hour, minute, tzinfo=UTC)
    return start, start + timedelta(minutes=30)


def picked(
    slots: list[Times] | None,
    asked: Asked = Asked(),  # noqa: B008 -- frozen
    *,
    month: date = OCTOBER,
    accept: str = "en-GB",
    next_free_day: date | None = None,
) -> Picker:
    clock = Clock(reader_of(None, accept), COPENHAGEN)
    return pick(
        clock, asked, month, slots, next_free_day=next_free_day, earliest=NOW, latest=HORIZON
    )


def asks(month: str | None, day: str | None, at: str | None) -> Asked:
    return asked_for(month=month, day=day, at=at, zone=COPENHAGEN)


def free_days(shown: Picker) -> list[tuple[int, int]]:
    return [(day.date.day, day.free) for week in shown.weeks for day in week if day and day.free]


def test_the_first_free_day_is_chosen_unless_another_is_asked_for() -> None:
    slots = [slot(10, 14, 8), slot(10, 14, 9), slot(10, 20, 8)]

    assert picked(slots).day == date(2026, 10, 14)
    assert free_days(picked(slots)) == [(14, 2), (20, 1)]
    asked = picked(slots, Asked(OCTOBER, date(2026, 10, 15)))
    assert (asked.day, asked.times) == (date(2026, 10, 15), ())


def test_a_time_belongs_to_the_day_it_has_in_the_visitors_zone() -> None:
    shown = picked([slot(10, 14, 22, 30)])

    assert free_days(shown) == [(15, 1)]
    assert [free.label for free in shown.times] == ["00:30"]


def test_times_in_an_hour_that_a_clock_shows_twice_have_their_offset() -> None:
    shown = picked([slot(10, 25, 0, 30), slot(10, 25, 1, 30), slot(10, 25, 2, 30)])

    assert [free.label for free in shown.times] == [
        "02:30 (UTC+02:00)",
        "02:30 (UTC+01:00)",
        "03:30",
    ]


def test_weeks_begin_on_the_first_day_of_the_readers_region() -> None:
    monday, sunday = picked([]), picked([], accept="en-US")

    assert monday.weekdays[0] == 0
    assert [day and day.date.day for day in monday.weeks[0]] == [None, None, None, 1, 2, 3, 4]
    assert sunday.weekdays[0] == 6
    assert [day and day.date.day for day in sunday.weeks[0]] == [None] * 4 + [1, 2, 3]
    assert all(len(week) == 7 for week in (*monday.weeks, *sunday.weeks))


def test_a_month_without_free_times_differs_from_an_unknown_month() -> None:
    empty = picked([], next_free_day=date(2026, 11, 2))
    unknown = picked(None)

    assert (empty.known, empty.is_empty, empty.next_free_day) == (True, True, date(2026, 11, 2))
    assert (unknown.known, unknown.is_empty) == (False, False)


def test_times_outside_the_month_are_not_shown_in_it() -> None:
    other = picked([slot(11, 14, 8)])

    assert (other.day, other.times, other.is_empty) == (None, (), True)


def test_months_are_linked_from_this_one_to_the_last_that_may_have_times() -> None:
    december = picked([], month=date(2026, 12, 1))

    assert (picked([]).previous_month, picked([]).next_month) == (None, date(2026, 11, 1))
    assert (december.previous_month, december.next_month) == (date(2026, 11, 1), None)


def test_a_malformed_month_or_day_in_an_address_is_ignored() -> None:
    clock = Clock(reader_of("en", ""), COPENHAGEN)

    assert asks("2026-11", None, None) == Asked(date(2026, 11, 1), None)
    assert asks(None, "2026-11-09", None) == Asked(date(2026, 11, 1), date(2026, 11, 9))
    for nonsense in ("2026-13", "9999-12", "0001-01", "november", "'; --", ""):
        assert asks(nonsense, nonsense, nonsense) == Asked()
    for month in (date(2001, 1, 1), date(2150, 1, 1)):
        shown = within(Asked(month), NOW, HORIZON, clock)
        assert OCTOBER <= shown <= date(2026, 12, 1)


def test_a_number_and_a_room_are_shown_only_after_booking() -> None:
    english = languages()["en"]
    call, room = Phone("attendee", "+45 12 34 56 78"), Online("url", "https://meet.example/1")
    common: dict[str, Any] = {"title": "Interview", "organizer": "Anna"}

    before = meeting_words(english, **common, location=call)
    booked = meeting_words(english, **common, location=call, booked=True)
    online = meeting_words(
        english, **common, location=room, booked=True, join_url="https://meet.example/1"
    )
    hostile = meeting_words(
        english, **common, location=room, booked=True, join_url="javascript:alert(1)"
    )

    assert (before.where, booked.where) == ("By phone", "By phone: you call +45 12 34 56 78")
    assert (online.where, online.join_url) == ("Online", "https://meet.example/1")
    assert hostile.join_url is None


def test_calendar_links_fill_in_the_meeting_and_lead_to_the_booking() -> None:
    english, manage = languages()["en"], "https://book.example/m/bwm_1?a=b&c"
    meeting = meeting_words(
        english, title="Tea & cake, 50 % + 1", organizer="Anna", location=InPerson("Room 1")
    )
    links = calendar_links(english, meeting, *slot(10, 14, 8), manage)
    google, *outlook = (parse_qs(urlsplit(link).query) for link in links.values())

    assert [urlsplit(link).hostname for link in links.values()] == [
        "calendar.google.com",
        "outlook.live.com",
        "outlook.office.com",
    ]
    assert all("+" not in link for link in links.values())  # Outlook would show it
    assert "text=Tea%20%26%20cake%2C%2050%20%25%20%2B%201%3A%20Anna" in links["booking.add.google"]
    assert google["dates"] == ["20261014T080000Z/20261014T083000Z"]
    assert google["details"] == [f"Move or cancel the meeting: {manage}"]
    for each in outlook:
        assert each["startdt"] == ["2026-10-14T08:00:00Z"]
        assert each["location"] == ["Room 1"]
        assert each["body"] == google["details"]


def test_a_room_behind_letters_that_look_alike_is_named_as_it_is_looked_up() -> None:
    address = "https://z\u043e\u043em.example/1"
    room = meeting_words(
        languages()["en"],
        title="Interview",
        organizer="Anna",
        location=Online("url", address),
        booked=True,
        join_url=address,
    )

    links = calendar_links(languages()["en"], room, *slot(10, 14, 8), "https://book.example/m/1")
    google = parse_qs(urlsplit(links["booking.add.google"]).query)

    assert (room.join_url, room.join_host) == (address, "xn--zm-fmca.example")
    assert google["location"] == [f"{address} (xn--zm-fmca.example)"]


def test_initials_stand_for_any_name() -> None:
    assert initials("Anna") == "A"
    assert initials("Anna (Department of Bridges)") == "AB"
    assert initials("  åse  østergaard ") == "ÅØ"
    assert initials("42 !") == "·"
