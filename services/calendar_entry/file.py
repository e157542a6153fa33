"""Calendar files: one event between an organizer and an attendee, after RFC 5545 and RFC 5546."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import quote
from zoneinfo import ZoneInfo

from icalendar import (
    Calendar,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vCalAddress,
    vText,
    vUri,
)
from icalendar.timezone.tzid import tzid_from_tzinfo

from services.calendar_entry.entry import Entry, Method, Party
from services.chassis.text.mail_address import wire_form
from services.chassis.web.plain_text import one_line, paragraphs

PRODID = "-//Bookwith//Bookwith 1//EN"


def build(entry: Entry, *, method: Method, dtstamp: datetime) -> bytes:
    """Return the calendar file that asks for the entry or takes it back."""
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    if _told_in_zone(entry):
        years = entry.start.astimezone(entry.zone).year, entry.end.astimezone(entry.zone).year
        calendar.add_component(_time_zone(entry.zone, *years))
    calendar.add_component(_event(entry, method, dtstamp))
    return bytes(calendar.to_ical())


def _event(entry: Entry, method: Method, dtstamp: datetime) -> Event:
    event = Event()
    zone = entry.zone if _told_in_zone(entry) else UTC
    event.add("uid", one_line(entry.uid))
    event.add("sequence", entry.sequence)
    event.add("dtstamp", dtstamp.astimezone(UTC))
    event.add("dtstart", entry.start.astimezone(zone))
    event.add("dtend", entry.end.astimezone(zone))
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event.add("summary", _text(one_line(entry.summary, 300)))
    if entry.location:
        event.add("location", _text(one_line(entry.location, 500)))
    if entry.description:
        event.add("description", _text(paragraphs(entry.description, 5000)))
    if entry.url:
        event.add("url", vUri(one_line(entry.url, 2000)))
    event.add("organizer", _address(entry.organizer))
    attendee = _address(entry.attendee)
    attendee.params["CUTYPE"] = vText("INDIVIDUAL")
    attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
    # Who books has accepted: a calendar that asked once more would get a useless reply.
    attendee.params["PARTSTAT"] = vText("ACCEPTED")
    attendee.params["RSVP"] = vText("FALSE")
    event.add("attendee", attendee)
    return event


def _text(value: str) -> vText:
    # The library takes a typed `\N` for a line end; nobody who types it means one.
    return vText(value.replace("\\N", "\\\u200bN"))


def _address(party: Party) -> vCalAddress:
    address = vCalAddress("mailto:" + quote(wire_form(party.email), safe="@!$'*+"))
    # Readers take a backslash before the closing sign for an escape, though a name has none.
    name = one_line(party.name, 100).replace("\\", "/")
    if name:
        address.params["CN"] = vText(name)
    return address


def _told_in_zone(entry: Entry) -> bool:
    """Tell whether local times can name these instants.

    A local time of the repeated hour always means its first pass (RFC 5545 3.3.5), so the second
    one is written in UTC; so are the zones that are UTC under another name.
    """
    local = [moment.astimezone(entry.zone) for moment in (entry.start, entry.end)]
    return tzid_from_tzinfo(entry.zone) != "UTC" and not any(moment.fold for moment in local)


@lru_cache(maxsize=64)
def _time_zone(zone: ZoneInfo, first_year: int, last_year: int) -> Timezone:
    """Return the zone's definition for the years.

    Not the library's own: it dates the change to summer time an hour late.
    """
    # From a day earlier: local years begin up to 14 hours before UTC's.
    begins = datetime(first_year, 1, 1, tzinfo=UTC) - timedelta(days=1)
    ends = datetime(last_year + 1, 1, 1, tzinfo=UTC)
    changes = [begins, *_changes(zone, begins, ends)]
    offsets = [_offset(zone, change) for change in changes]
    definition = Timezone()
    definition.add("tzid", zone.key)
    for index, change in enumerate(changes):
        before, after = offsets[max(index - 1, 0)], offsets[index]
        part = TimezoneDaylight() if after > min(offsets) else TimezoneStandard()
        # The onset is written in the local time that held until then.
        part.add("dtstart", (change + before).replace(tzinfo=None))
        part.add("tzoffsetfrom", before)
        part.add("tzoffsetto", after)
        part.add("tzname", change.astimezone(zone).tzname() or zone.key)
        definition.add_component(part)
    return definition


def _changes(zone: ZoneInfo, begins: datetime, ends: datetime) -> Iterator[datetime]:
    """Yield the instants at which the zone's offset changes."""
    day = begins
    while day < ends:
        following = day + timedelta(days=1)
        if _offset(zone, day) != _offset(zone, following):
            yield _first_minute_of(zone, following, day)
        day = following


def _first_minute_of(zone: ZoneInfo, known: datetime, before: datetime) -> datetime:
    """Return the first minute after `before` that has the offset of `known`."""
    while known - before > timedelta(minutes=1):
        middle = before + (known - before) // 2
        middle = middle.replace(second=0, microsecond=0)
        if _offset(zone, middle) == _offset(zone, known):
            known = middle
        else:
            before = middle
    return known


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()
