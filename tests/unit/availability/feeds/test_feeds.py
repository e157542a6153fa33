"""What feeds take, and what of them cannot be read."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.availability.calendars.entries.lines import NoCalendar
from services.availability.calendars.entries.reading import read_entries
from services.availability.calendars.port import BusyTime, Window
from tests.unit.availability.feeds.feeds import FEEDS, OWNER, Feed, event

YEAR = Window(start=datetime(2026, 1, 1, tzinfo=UTC), end=datetime(2027, 1, 1, tzinfo=UTC))
EDGES = st.sampled_from(
    [b"BEGIN:VCALENDAR", b"END:VCALENDAR", b"BEGIN:VEVENT", b"END:VEVENT", b"\r\n", b"\n ", b":",
     b"DTSTART:20260302T090000Z", b"DTEND;TZID=", b"RRULE:FREQ=", b"DAILY", b";INTERVAL=", b"0",
     b"UID:1", b"RECURRENCE-ID:20260302T090000Z", b"EXDATE:", b"RDATE;VALUE=PERIOD:", b"/", b"PT1H"]
)  # fmt: skip


def written(time: BusyTime) -> str:
    """Return the time as the table of feeds has it."""
    start, end = f"{time.start:%Y-%m-%dT%H:%M}", f"{time.end:%Y-%m-%dT%H:%M}"
    if time.start.date() == time.end.date():
        end = end[11:]
    kind = "" if time.kind == "busy" else f" {time.kind}"
    return f"{start}/{end}{kind}{' all day' if time.all_day else ''}"


def read(feed: Feed) -> tuple[list[str], list[str]]:
    found = read_entries(
        feed.text.encode(), window=YEAR, time_zone="Europe/Copenhagen", emails=[OWNER]
    )
    times = sorted((time for times in found.objects.values() for time in times), key=_start)
    return [written(time) for time in times], [each.key for each in found.skipped]


def _start(time: BusyTime) -> datetime:
    return time.start


def test_there_are_at_least_sixty_feeds_and_each_has_a_name_of_its_own() -> None:
    assert len({feed.name for feed in FEEDS}) == len(FEEDS) >= 60


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
def test_a_feed_takes_what_it_says(feed: Feed) -> None:
    assert read(feed) == (list(feed.busy), list(feed.skipped))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"<!DOCTYPE html><html><body>Sign in</body></html>",
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\n",
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n",
        b"BEGIN:VEVENT\r\nEND:VEVENT\r\n",
        b"BEGIN:VCALENDAR\r\nEND:VEVENT\r\n",
        b"\x00\x01\x02",
        b'{"error": "not found"}',
    ],
)
def test_what_is_no_calendar_or_not_all_of_one_is_not_read_as_free(text: bytes) -> None:
    with pytest.raises(NoCalendar):
        read_entries(text, window=YEAR, time_zone="Europe/Copenhagen")


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_the_coding_of_words_does_not_change_the_times(coding: str) -> None:
    feed = Feed("", event("SUMMARY:Frokost med Søren", "DTSTART:20260302T090000Z\nDURATION:PT1H"))

    found = read_entries(feed.text.encode(coding), window=YEAR, time_zone="UTC")

    assert [len(times) for times in found.objects.values()] == [1]


def test_an_entry_of_a_booking_is_our_own_and_no_busy_time() -> None:
    uid = "01960000-0000-7000-8000-000000000003@bookwith"
    feed = Feed("", event("SEQUENCE:2\nDTSTART:20260302T090000Z\nDURATION:PT1H", uid=uid))

    found = read_entries(feed.text.encode(), window=YEAR, time_zone="UTC")

    assert found.objects == {}
    (own,) = found.own
    assert (own.booking_uid, own.version) == (uid, "2")
    assert own.end is not None
    assert own.start == own.end - timedelta(hours=1)


def test_what_the_calendar_calls_itself_is_known() -> None:
    feed = Feed("", event("DTSTART:20260302T090000Z"), head="X-WR-CALNAME:Work")

    assert read_entries(feed.text.encode(), window=YEAR, time_zone="UTC").name == "Work"


@given(st.one_of(st.binary(max_size=300), st.lists(EDGES, max_size=40).map(b"".join)))
def test_any_bytes_are_read_or_are_no_calendar(text: bytes) -> None:
    try:
        read_entries(text, window=YEAR, time_zone="Europe/Copenhagen")
    except NoCalendar:
        return


@given(st.lists(EDGES, max_size=30).map(b"\r\n".join))
def test_any_entry_is_read_or_named(lines: bytes) -> None:
    text = (
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\n" + lines + b"\r\nEND:VEVENT\r\nEND:VCALENDAR"
    )
    try:
        read_entries(text, window=YEAR, time_zone="Europe/Copenhagen")
    except NoCalendar:
        return
