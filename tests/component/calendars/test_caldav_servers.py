"""CalDAV against Radicale and Xandikos: found, read for changes, written to and changed by hand."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.availability.calendars.caldav.finder import CalDavFinder
from services.availability.calendars.caldav.reader import CalDavReader
from services.availability.calendars.caldav.writer import CalDavWriter
from services.availability.calendars.entries.reader import EntryReader
from services.availability.calendars.port import (
    Broken,
    Changed,
    Changes,
    Connected,
    ReadAgain,
    Window,
    Written,
)
from services.calendar_entry.entry import Entry, Party
from services.chassis.http.networks import networks
from services.chassis.http.outgoing import Outgoing
from services.chassis.ids import new_id
from tests.caldav_servers import CalDavServer, radicale, xandikos
from tests.unit.availability.feeds.feeds import UTC_HOUR, Feed, event

WINDOW = Window(start=datetime(2026, 1, 1, tzinfo=UTC), end=datetime(2027, 2, 1, tzinfo=UTC))
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
OUTGOING = Outgoing(networks("127.0.0.0/8"), seconds=20, largest=20 * 1024 * 1024)


@pytest.fixture(scope="module", params=[radicale, xandikos], ids=lambda made: made.__name__)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CalDavServer]:
    with request.param(tmp_path_factory.mktemp("caldav")) as started:
        yield started


@pytest.fixture
async def entries() -> AsyncIterator[EntryReader]:
    reader = EntryReader()
    yield reader
    await reader.close()


@dataclass(slots=True)
class Desk:
    """A calendar that is connected, and its owner's own hands on it."""

    server: CalDavServer
    calendar: Connected
    reader: CalDavReader
    writer: CalDavWriter

    async def read(self) -> Changes:
        """Read what has changed since the last reading."""
        changes = await self.reader.read(self.calendar, WINDOW)
        self.calendar = replace(self.calendar, state=changes.state)
        return changes

    def put(self, *texts: str, name: str = "1.ics") -> None:
        """Write an entry by hand."""
        self.server.put(self.calendar.address, name, Feed("", "\n".join(texts)).text)

    def change(self, name: str, old: str, new: str) -> None:
        """Change an entry by hand."""
        text = self.server.entries(self.calendar.address)[name]
        assert old in text
        self.server.put(self.calendar.address, name, text.replace(old, new))


@pytest.fixture
def desk(server: CalDavServer, entries: EntryReader) -> Desk:
    calendar = Connected(
        id=new_id(),
        organizer_id=new_id(),
        address=server.make_calendar(f"work-{new_id()}"),
        secrets=server.secrets,
        time_zone="Europe/Copenhagen",
    )
    return Desk(server, calendar, CalDavReader(OUTGOING, entries), CalDavWriter(OUTGOING))


def booked(**changes: object) -> Entry:
    id_ = new_id()
    whole: dict[str, object] = {
        "uid": f"{id_}@bookwith",
        "sequence": 0,
        "start": NINE,
        "end": NINE + HOUR,
        "zone": ZoneInfo("Europe/Copenhagen"),
        "organizer": Party("Anna", "anna@example.com"),
        "attendees": (Party("Søren; Ø", "soeren@example.com"),),
        "summary": "A quiet hour",
    }
    return Entry(**{**whole, **changes})  # type: ignore[arg-type] # of the fields named


def starts(changes: Changes) -> list[datetime]:
    return sorted(time.start for times in changes.objects.values() for time in times)


async def test_calendars_are_found_from_the_address_of_the_server(desk: Desk) -> None:
    finder = CalDavFinder(OUTGOING)

    from_server = await finder.find(desk.server.url, desk.server.secrets)
    from_itself = await finder.find(desk.calendar.address, desk.server.secrets)

    assert desk.calendar.address in {each.address for each in from_server}
    assert [each.address for each in from_itself] == [desk.calendar.address]
    assert all(each.writable for each in from_itself)


async def test_only_what_has_changed_is_read_again(desk: Desk) -> None:
    desk.put(event(UTC_HOUR))
    desk.put(event("DTSTART:20260303T090000Z\nDURATION:PT1H", uid="2"), name="2.ics")
    first = await desk.read()
    nothing = await desk.read()
    desk.put(event("DTSTART:20260304T090000Z\nDURATION:PT1H"))
    desk.server.delete(desk.calendar.address, "2.ics")
    desk.put(event("DTSTART:20260305T090000Z\nDURATION:PT1H", uid="3"), name="3.ics")
    second = await desk.read()

    assert first.complete
    assert starts(first) == [NINE, NINE + 24 * HOUR]
    assert (nothing.complete, nothing.objects, nothing.gone) == (False, {}, [])
    assert not second.complete
    assert starts(second) == [NINE + 48 * HOUR, NINE + 72 * HOUR]
    assert [key.rsplit("/", 1)[1] for key in second.gone] == ["2.ics"]


async def test_a_series_with_an_exception_is_read_whole(desk: Desk) -> None:
    series = event(UTC_HOUR, "RRULE:FREQ=WEEKLY;COUNT=3")
    moved = event(
        "RECURRENCE-ID:20260309T090000Z\nDTSTART:20260310T120000Z\nDTEND:20260310T130000Z"
    )
    desk.put(series, moved)

    assert starts(await desk.read()) == [
        NINE,
        datetime(2026, 3, 10, 12, tzinfo=UTC),
        NINE + 14 * 24 * HOUR,
    ]


async def test_a_booking_has_one_entry_through_its_life(desk: Desk) -> None:
    entry = booked()
    await desk.read()

    made = await desk.writer.write(desk.calendar, entry, None)
    (text,) = desk.server.entries(desk.calendar.address).values()
    moved = await desk.writer.write(
        desk.calendar, replace(entry, sequence=1, start=NINE + HOUR, end=NINE + 2 * HOUR), made
    )
    seen = await desk.read()
    await desk.writer.remove(desk.calendar, moved)
    await desk.writer.remove(desk.calendar, moved)

    assert "METHOD" not in text
    assert text.count("SCHEDULE-AGENT=CLIENT") == 2
    assert made.key == moved.key
    assert seen.objects == {moved.key: []}  # it is ours, and takes no time twice
    (own,) = seen.own
    assert (own.booking_uid, own.key, own.start) == (entry.uid, moved.key, NINE + HOUR)
    assert own.version == moved.version
    assert desk.server.entries(desk.calendar.address) == {}
    assert (await desk.read()).gone == [moved.key]


async def test_a_try_that_was_cut_off_makes_no_second_entry(desk: Desk) -> None:
    entry = booked()
    first = await desk.writer.write(desk.calendar, entry, None)

    again = await desk.writer.write(desk.calendar, entry, None)
    newer = await desk.writer.write(desk.calendar, replace(entry, sequence=1), None)

    assert again == first
    assert newer.key == first.key
    (text,) = desk.server.entries(desk.calendar.address).values()
    assert "SEQUENCE:1" in text


async def test_an_entry_that_was_changed_by_hand_is_not_overwritten(desk: Desk) -> None:
    entry = booked()
    made = await desk.writer.write(desk.calendar, entry, None)
    await desk.read()
    name = made.key.rsplit("/", 1)[1]
    desk.change(name, "SUMMARY:A quiet hour", "SUMMARY:Mine now")

    with pytest.raises(Changed):
        await desk.writer.write(desk.calendar, replace(entry, sequence=1), made)
    with pytest.raises(Changed):
        await desk.writer.remove(desk.calendar, made)

    assert "Mine now" in desk.server.entries(desk.calendar.address)[name]
    (own,) = (await desk.read()).own
    assert own.version != made.version


async def test_something_else_at_the_address_is_not_overwritten(desk: Desk) -> None:
    entry = booked()
    desk.put(event(UTC_HOUR), name=f"{entry.uid.partition('@')[0]}.ics")

    with pytest.raises(Changed):
        await desk.writer.write(desk.calendar, entry, None)


async def test_a_server_that_was_restarted_goes_on(desk: Desk) -> None:
    made = await desk.writer.write(desk.calendar, booked(), None)
    await desk.read()
    desk.server.stop()
    with pytest.raises(Broken) as away:
        await desk.read()
    desk.server.start()

    assert away.value.reason == "unreachable"
    assert (await desk.read()).own == []  # nothing has changed
    await desk.writer.remove(desk.calendar, made)
    assert (await desk.read()).gone == [made.key]


async def test_a_token_that_is_worth_nothing_asks_to_read_all(desk: Desk) -> None:
    desk.calendar = replace(desk.calendar, state={"token": "http://radicale.org/ns/sync/nonsense"})

    with pytest.raises(ReadAgain):
        await desk.read()


async def test_what_is_not_there_is_said(desk: Desk) -> None:
    gone = replace(desk.calendar, address=f"{desk.server.url}{desk.server.home}nothing/")

    with pytest.raises(Broken) as missing:
        await desk.reader.read(gone, WINDOW)

    assert missing.value.reason == "not_found"


async def test_a_wrong_password_is_said(desk: Desk) -> None:
    if desk.server.password is None:
        return  # this server trusts whoever reaches it
    revoked = replace(desk.calendar, secrets={"user_name": "anna", "password": "wrong"})

    for asked in (
        desk.reader.read(revoked, WINDOW),
        desk.writer.write(revoked, booked(), None),
        CalDavFinder(OUTGOING).find(desk.server.url, revoked.secrets),
    ):
        with pytest.raises(Broken) as refused:
            await asked
        assert refused.value.reason == "sign_in_refused"


async def test_a_server_in_a_network_that_is_not_allowed_is_not_asked(desk: Desk) -> None:
    guarded = Outgoing(seconds=20, largest=1000)

    for asked in (
        CalDavFinder(guarded).find(desk.server.url, desk.server.secrets),
        CalDavWriter(guarded).remove(desk.calendar, Written(key="/x", version=None)),
    ):
        with pytest.raises(Broken) as refused:
            await asked
        assert refused.value.reason == "address_not_allowed"


async def test_an_entry_that_cannot_be_read_is_named_and_the_others_count(desk: Desk) -> None:
    desk.put(event(UTC_HOUR))
    nowhere = "DTSTART;TZID=Nowhere:20260303T090000\nDTEND;TZID=Nowhere:20260303T100000"
    desk.put(event(nowhere, uid="2"), name="2.ics")

    changes = await desk.read()

    assert NINE in starts(changes)
    assert len(changes.skipped) == 1
