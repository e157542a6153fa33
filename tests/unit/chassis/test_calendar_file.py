"""Calendar files, read back by foreign readers."""

import io
import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil.tz import tzical  # type: ignore[import-untyped] # it ships no types
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from services.calendar_entry.booked import Booked, LastChange, entry_of
from services.calendar_entry.details import Answer, Changer, InPerson, Online, Phone
from services.calendar_entry.entry import Entry, Party
from services.calendar_entry.file import build

NOW = datetime(2026, 11, 20, 8, 15, tzinfo=UTC)
ENTRY = Entry(
    uid="0199@bookwith",
    sequence=0,
    start=datetime(2026, 12, 3, 9, tzinfo=UTC),
    end=datetime(2026, 12, 3, 9, 30, tzinfo=UTC),
    zone=ZoneInfo("Europe/Copenhagen"),
    organizer=Party("Anna", "anna@bookwith.example"),
    attendees=(Party("Søs", "soes@visitor.example"),),
    summary="Intro",
)
# Half-hour changes, changes at midnight, negative summer time, across the date line, none at all.
ODD_ZONES = [
    "Europe/Copenhagen", "Europe/Dublin", "America/New_York", "America/St_Johns", "America/Havana",
    "America/Nuuk", "Africa/Casablanca", "Africa/Cairo", "Asia/Kolkata", "Asia/Beirut",
    "Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Kiritimati", "Antarctica/Troll", "Etc/UTC",
]  # fmt: skip


def lines_of(ics: bytes) -> list[str]:
    return ics.decode().replace("\r\n ", "").split("\r\n")


def foreign_instants(ics: bytes) -> tuple[datetime, datetime]:
    """Read start and end by the file's own zone definition, as dateutil understands it."""
    (start,) = (line for line in lines_of(ics.split(b"VEVENT")[1]) if line.startswith("DTSTART"))
    (end,) = (line for line in lines_of(ics.split(b"VEVENT")[1]) if line.startswith("DTEND"))
    zones = tzical(io.StringIO(ics.decode())) if b"VTIMEZONE" in ics else None

    def instant(line: str) -> datetime:
        name, _, value = line.partition(":")
        if value.endswith("Z"):
            return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        assert zones is not None
        zone = zones.get(name.partition("TZID=")[2])
        local = datetime.strptime(value, "%Y%m%dT%H%M%S").replace(tzinfo=zone)
        offset = local.utcoffset()
        assert offset is not None
        return (local - offset).replace(tzinfo=UTC)

    return instant(start), instant(end)


def at(zone: str, start: datetime, minutes: int = 30) -> Entry:
    end = start + timedelta(minutes=minutes)
    return replace(ENTRY, zone=ZoneInfo(zone), start=start, end=end)


@settings(max_examples=300, deadline=None)
@given(
    zone=st.sampled_from(ODD_ZONES),
    minute=st.integers(0, 3 * 366 * 24 * 60),
    length=st.integers(5, 24 * 60),
)
def test_a_foreign_reader_finds_the_same_instants(zone: str, minute: int, length: int) -> None:
    entry = at(zone, datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minute), length)
    ics = build(entry, method="REQUEST", dtstamp=NOW)

    assert (entry.start, entry.end) == foreign_instants(ics)


@pytest.mark.parametrize("zone", ODD_ZONES)
def test_it_does_so_in_every_half_hour_around_a_clock_change(zone: str) -> None:
    known = ZoneInfo(zone)
    days = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(366)]
    offset = {day: day.astimezone(known).utcoffset() for day in days}
    for day, following in itertools.pairwise(days):
        if offset[day] == offset[following]:
            continue
        for half in range(-4, 52):
            entry = at(zone, day + timedelta(minutes=30 * half))
            ics = build(entry, method="REQUEST", dtstamp=NOW)
            assert (entry.start, entry.end) == foreign_instants(ics), entry


def test_every_zone_has_a_definition_that_its_times_name() -> None:
    for name in available_timezones():
        ics = build(at(name, ENTRY.start), method="REQUEST", dtstamp=NOW)
        (start,) = (line for line in lines_of(ics) if line.startswith("DTSTART;TZID") or
                    line == "DTSTART:20261203T090000Z")  # fmt: skip
        defined = [line for line in lines_of(ics) if line.startswith("TZID:")]
        named = [f"TZID:{start[13:].split(':')[0]}"] if ";" in start else []

        assert named == defined, name


def test_the_second_pass_of_a_repeated_hour_is_written_in_utc() -> None:
    second_half_past_two = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    ics = build(at("Europe/Copenhagen", second_half_past_two), method="REQUEST", dtstamp=NOW)

    assert "DTSTART:20261025T013000Z" in lines_of(ics)
    assert b"VTIMEZONE" not in ics


def definition_of(zone: str, year: int = 2027) -> list[str]:
    lines = lines_of(
        build(at(zone, datetime(year, 6, 3, 9, tzinfo=UTC)), method="REQUEST", dtstamp=NOW)
    )
    if "END:VTIMEZONE" not in lines:
        return []
    return lines[lines.index("BEGIN:VTIMEZONE") : lines.index("END:VTIMEZONE") + 1]


def test_a_definition_is_one_standard_and_one_daylight_each_with_its_yearly_rule() -> None:
    expected = """BEGIN:VTIMEZONE
TZID:Europe/Copenhagen
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
END:DAYLIGHT
END:VTIMEZONE"""

    assert expected.splitlines() == definition_of("Europe/Copenhagen")


def test_a_zone_without_summer_time_has_one_standard() -> None:
    lines = definition_of("Asia/Kolkata")

    assert [line for line in lines if line.startswith("BEGIN:")] == [
        "BEGIN:VTIMEZONE",
        "BEGIN:STANDARD",
    ]
    assert {"TZOFFSETFROM:+0530", "TZOFFSETTO:+0530"} <= set(lines)


@pytest.mark.parametrize(
    ("zone", "rules"),
    [
        ("Europe/Dublin", {"BYMONTH=10;BYDAY=-1SU", "BYMONTH=3;BYDAY=-1SU"}),
        ("Africa/Cairo", {"BYMONTH=10;BYDAY=-1TH", "BYMONTH=4;BYDAY=-1FR"}),
        ("America/Nuuk", {"BYMONTH=10;BYDAY=-1SU",
                          "BYMONTH=3;BYDAY=SA;BYMONTHDAY=24,25,26,27,28,29,30"}),
        ("Asia/Jerusalem", {"BYMONTH=10;BYDAY=-1SU",
                            "BYMONTH=3;BYDAY=FR;BYMONTHDAY=23,24,25,26,27,28,29"}),
    ],
)  # fmt: skip
def test_onsets_that_do_not_fall_on_their_weekday_have_a_yearly_rule_too(
    zone: str, rules: set[str]
) -> None:
    found = {
        line.removeprefix("RRULE:FREQ=YEARLY;") for line in definition_of(zone) if "RRULE" in line
    }

    assert rules == found


def test_summer_time_is_the_daylight_part_also_where_tzdata_calls_winter_the_exception() -> None:
    lines = definition_of("Europe/Dublin")
    daylight = lines[lines.index("BEGIN:DAYLIGHT") : lines.index("END:DAYLIGHT")]

    assert "TZOFFSETTO:+0100" in daylight


def test_a_zone_without_a_yearly_rule_in_that_year_is_written_in_utc() -> None:
    assert [] == definition_of("Africa/Casablanca", 2026)  # by the moon
    assert [] == definition_of("Asia/Gaza", 2025)
    assert definition_of("Asia/Gaza", 2100)


def test_within_a_day_of_a_clock_change_the_instants_are_written_in_utc() -> None:
    change = datetime(2026, 10, 25, 1, tzinfo=UTC)
    near = [change - timedelta(hours=24), change + timedelta(hours=23, minutes=30)]
    far = [change - timedelta(hours=25), change + timedelta(hours=24)]
    written = {
        start: b"VTIMEZONE" in build(at("Europe/Copenhagen", start), method="REQUEST", dtstamp=NOW)
        for start in (*near, *far)
    }

    assert dict.fromkeys(near, False) | dict.fromkeys(far, True) == written


def test_a_cancel_differs_from_the_request_in_method_and_status_only() -> None:
    request = lines_of(build(ENTRY, method="REQUEST", dtstamp=NOW))
    cancel = lines_of(build(replace(ENTRY, cancelled=True), method="CANCEL", dtstamp=NOW))

    assert {"METHOD:REQUEST", "STATUS:CONFIRMED"} == set(request) - set(cancel)
    assert {"METHOD:CANCEL", "STATUS:CANCELLED"} == set(cancel) - set(request)


def test_everything_typed_is_read_back() -> None:
    typed = 'Ærø; "x", \\new \\ :y^n 😀'
    entry = replace(
        ENTRY,
        summary=typed,
        location=typed,
        description=f"{typed}\n\n{typed}",
        organizer=Party(typed, "o'hara+x@bookwith.example"),
        attendees=(Party(typed, "a?b&c%d@visitor.example"),),
    )
    (event,) = Calendar.from_ical(build(entry, method="REQUEST", dtstamp=NOW)).walk("VEVENT")

    assert typed == event["SUMMARY"] == event["LOCATION"]
    assert f"{typed}\n\n{typed}" == event["DESCRIPTION"]
    named = typed.replace("\\", "/")
    assert named == event["ORGANIZER"].params["CN"] == event["ATTENDEE"].params["CN"]
    assert event["ORGANIZER"] == "mailto:o'hara+x@bookwith.example"
    assert event["ATTENDEE"] == "mailto:a%3Fb%26c%25d@visitor.example"


def test_a_typed_backslash_and_n_is_no_line_end() -> None:
    typed = "C:\\New \\n"
    ics = build(replace(ENTRY, summary=typed), method="REQUEST", dtstamp=NOW)
    (event,) = Calendar.from_ical(ics).walk("VEVENT")

    assert typed == str(event["SUMMARY"]).replace("\u200b", "")


def test_long_lines_are_folded_by_octets_between_letters() -> None:
    ics = build(replace(ENTRY, summary="😀å" * 140), method="REQUEST", dtstamp=NOW)

    assert all(len(line) <= 75 for line in ics.split(b"\r\n"))
    for line in ics.split(b"\r\n"):
        line.decode()
    assert "SUMMARY:" + "😀å" * 140 in lines_of(ics)


BOOKED = Booked(
    uid="0199@bookwith",
    sequence=1,
    start=ENTRY.start,
    end=ENTRY.end,
    title="Interview",
    organizer=Party("Anna", "anna@bookwith.example"),
    organizer_email="anna@moved.example",
    attendee=Party("Bo", "bo@visitor.example"),
    place=Online(),
    join_url="https://meet.example/1",
    change=LastChange(
        by="attendee",
        reason="The train does not go",
        before=(ENTRY.start - timedelta(days=1), ENTRY.end - timedelta(days=1)),
    ),
    answers=(Answer("phone", "+45 12"), Answer("Diet", False)),
    manage_url="https://book.example/m/secret",
)
SENDER = "bookings@deployment.example"


def entries_of(booked: Booked, sender: str | None = SENDER) -> tuple[Entry, Entry]:
    attendee, organizer = (
        entry_of(booked, recipient, locale="en", time_zone="Europe/Copenhagen", sender=sender)
        for recipient in ("attendee", "organizer")
    )
    return attendee, organizer


def test_a_link_to_join_is_the_location_and_the_summary_names_both_parties() -> None:
    online, _ = entries_of(BOOKED)
    in_person, _ = entries_of(replace(BOOKED, place=InPerson("Room 1"), join_url=None))

    assert online.summary == "Interview: Anna / Bo"
    assert (online.location, in_person.location) == ("https://meet.example/1", "Room 1")


def test_the_attendees_entry_is_the_organizers_and_names_the_address_that_sends_it() -> None:
    entry, _ = entries_of(BOOKED)
    lines = lines_of(build(entry, method="REQUEST", dtstamp=NOW))

    assert f'ORGANIZER;CN="Anna";SENT-BY="mailto:{SENDER}":mailto:anna@bookwith.example' in lines
    assert ["Bo"] == [party.name for party in entry.attendees]


def test_the_organizers_own_entry_is_the_senders_with_both_parties_as_attendees() -> None:
    _, entry = entries_of(BOOKED)
    lines = lines_of(build(entry, method="REQUEST", dtstamp=NOW))

    assert f'ORGANIZER;CN="Anna":mailto:{SENDER}' in lines
    assert [("Anna", "anna@moved.example"), ("Bo", "bo@visitor.example")] == [
        (party.name, party.email) for party in entry.attendees
    ]
    assert all("PARTSTAT=ACCEPTED" in line for line in lines if line.startswith("ATTENDEE"))


def test_a_sender_that_is_the_organizer_sends_for_nobody_else() -> None:
    entry, _ = entries_of(BOOKED, sender=BOOKED.organizer.email)

    assert entry.sent_by is None


def test_descriptions_say_who_what_changed_and_the_answers_to_the_organizer_only() -> None:
    attendee, organizer = entries_of(BOOKED)

    assert attendee.description.splitlines() == [
        "You have moved your meeting with Anna.",
        "With: Anna",
        "Before: Wednesday, 2 December 2026, 10:00\u201310:30 (Europe/Copenhagen, UTC+01:00)",
        "Join: https://meet.example/1",
        "Move or cancel the meeting: https://book.example/m/secret",
    ]
    assert organizer.description.splitlines() == [
        "Bo has moved your meeting.",
        "With: Bo",
        "Before: Wednesday, 2 December 2026, 10:00\u201310:30 (Europe/Copenhagen, UTC+01:00)",
        "Reason: The train does not go",
        "Phone: +45 12",
        "Diet: no",
        "Join: https://meet.example/1",
    ]


def test_the_description_of_a_cancel_says_who_and_why_and_where_to_look() -> None:
    cancelled = replace(
        BOOKED, cancelled=True, change=LastChange(by="organizer", reason="I am ill"), answers=()
    )
    attendee, organizer = entries_of(cancelled)

    assert attendee.description.splitlines() == [
        "Anna has cancelled your meeting.",
        "With: Anna",
        "Reason: I am ill",
        "See the booking: https://book.example/m/secret",
    ]
    assert organizer.description.splitlines() == [
        "You have cancelled your meeting with Bo.",
        "With: Bo",
    ]


@pytest.mark.parametrize(
    ("by", "told"),
    [("attendee", [False, True]), ("organizer", [True, False]), ("administrator", [True, True])],
)
def test_nobody_gets_back_the_reason_that_they_have_typed(by: Changer, told: list[bool]) -> None:
    changed = replace(BOOKED, change=LastChange(by=by, reason="A reason"))

    assert told == ["A reason" in entry.description for entry in entries_of(changed)]


def test_a_phone_number_is_shown_to_who_calls_it_only() -> None:
    organizer_calls = replace(BOOKED, place=Phone("organizer", None), join_url=None)
    attendee_calls = replace(BOOKED, place=Phone("attendee", "+45 99"), join_url=None)

    assert ["By phone: Anna calls you", "By phone: you call Bo"] == [
        entry.location for entry in entries_of(organizer_calls)
    ]
    assert ["By phone: you call +45 99", "By phone: Bo calls +45 99"] == [
        entry.location for entry in entries_of(attendee_calls)
    ]


def test_a_published_file_says_the_same_and_asks_nobody() -> None:
    entry, _ = entries_of(BOOKED)
    mailed = lines_of(build(entry, method="REQUEST", dtstamp=NOW))
    published = lines_of(build(entry, method="PUBLISH", dtstamp=NOW))

    assert {"METHOD:PUBLISH"} == set(published) - set(mailed)
    assert ["ATTENDEE", "METHOD:REQUEST"] == sorted(
        line.split(";")[0] for line in set(mailed) - set(published)
    )
