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

from services.calendar_entry.entry import Entry, Names, Party, entry_of
from services.calendar_entry.file import build

NOW = datetime(2026, 11, 20, 8, 15, tzinfo=UTC)
ENTRY = Entry(
    uid="0199@bookwith",
    sequence=0,
    start=datetime(2026, 12, 3, 9, tzinfo=UTC),
    end=datetime(2026, 12, 3, 9, 30, tzinfo=UTC),
    zone=ZoneInfo("Europe/Copenhagen"),
    organizer=Party("Anna", "anna@bookwith.example"),
    attendee=Party("Søs", "soes@visitor.example"),
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


def test_a_definition_covers_the_needed_years_only() -> None:
    ics = build(ENTRY, method="REQUEST", dtstamp=NOW)

    assert len(ics) < 1200
    assert "DTSTART:20260329T020000" in lines_of(ics)
    assert "DTSTART:20261025T030000" in lines_of(ics)


@pytest.mark.parametrize("zone", ["Europe/Copenhagen", "America/New_York", "Pacific/Kiritimati"])
def test_a_definition_begins_before_the_first_hour_of_a_local_year(zone: str) -> None:
    new_year = datetime(2026, 1, 1, 0, 15, tzinfo=ZoneInfo(zone))
    ics = build(at(zone, new_year.astimezone(UTC)), method="REQUEST", dtstamp=NOW)
    onset, *_, start, _end = (
        line.rpartition(":")[2] for line in lines_of(ics) if line.startswith(("DTSTART", "DTEND"))
    )

    assert start == "20260101T001500"
    assert onset < start


def test_a_cancel_differs_from_the_request_in_method_and_status_only() -> None:
    request = lines_of(build(ENTRY, method="REQUEST", dtstamp=NOW))
    cancel = lines_of(build(ENTRY, method="CANCEL", dtstamp=NOW))

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
        attendee=Party(typed, "a?b&c%d@visitor.example"),
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


def composed(*, place: str, join_url: str) -> Entry:
    return entry_of(
        uid=ENTRY.uid,
        sequence=ENTRY.sequence,
        start=ENTRY.start,
        end=ENTRY.end,
        zone=ENTRY.zone,
        organizer=ENTRY.organizer,
        attendee=ENTRY.attendee,
        names=Names(title="Interview", organizer="Anna", attendee="Bo"),
        place=place,
        join_url=join_url,
    )


def test_a_link_to_join_is_the_location_and_the_summary_names_both_parties() -> None:
    online = composed(place="Online", join_url="https://meet.example/1")
    in_person = composed(place="Room 1", join_url="")

    assert online.summary == "Interview: Anna / Bo"
    assert (online.location, in_person.location) == ("https://meet.example/1", "Room 1")
