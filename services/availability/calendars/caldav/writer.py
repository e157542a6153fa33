"""A booking's entry in a CalDAV calendar: one address each, and nothing overwritten unseen."""

from datetime import UTC, datetime
from urllib.parse import urljoin

from services.availability.calendars.answers import check_status
from services.availability.calendars.caldav.dav import Dav, path_of
from services.availability.calendars.entries.lines import NoCalendar, calendars
from services.availability.calendars.port import Changed, Connected, Written
from services.calendar_entry.entry import Entry
from services.calendar_entry.file import build
from services.chassis.http.outgoing import Answer, Outgoing

_CALENDAR = {"Content-Type": "text/calendar; charset=utf-8"}
# The UID is in use at another address, as in the bin of a server that keeps what was deleted.
_UID_IN_USE = b"no-uid-conflict"


class CalDavWriter:
    """Writes entries of bookings."""

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing

    async def write(self, calendar: Connected, entry: Entry, known: Written | None) -> Written:
        """Make the entry or change the known one; raise Broken, ComeAgain, Changed."""
        dav = Dav(self._outgoing, calendar.secrets)
        address = _address(calendar, entry, known)
        condition = _condition(known.version) if known else {"If-None-Match": "*"}
        answer = await self._put(dav, address, entry, condition)
        if answer.status == 412 and known is None:
            return await self._adopt(dav, address, entry)
        return await self._written(dav, address, answer)

    async def remove(self, calendar: Connected, known: Written) -> None:
        """Take the entry out; raise Broken, ComeAgain, Changed."""
        dav = Dav(self._outgoing, calendar.secrets)
        address = urljoin(calendar.address, known.key)
        answer = await dav.send("DELETE", address, headers=_condition(known.version))
        if answer.status == 412:
            raise Changed
        check_status(answer, 200, 202, 204, 404, 410)

    async def _put(self, dav: Dav, address: str, entry: Entry, condition: dict[str, str]) -> Answer:
        text = build(entry, method=None, dtstamp=datetime.now(UTC)).decode()
        return await dav.send("PUT", address, text, {**_CALENDAR, **condition})

    async def _written(self, dav: Dav, address: str, answer: Answer) -> Written:
        if answer.status == 412 or _UID_IN_USE in answer.body:
            raise Changed
        check_status(answer, 200, 201, 204)
        version = answer.headers.get("etag")
        if version is None:  # of a server that has changed the text, or says nothing
            version = await self._version(dav, address)
        return Written(key=path_of(address), version=version)

    async def _version(self, dav: Dav, address: str) -> str | None:
        found, _ = await dav.properties(address, ("d:getetag",))
        return next((each.text("{DAV:}getetag") for each in found.resources), None)

    async def _adopt(self, dav: Dav, address: str, entry: Entry) -> Written:
        """Return the entry that is there already: an earlier try that was cut off has made it.

        One of an older version is brought up to date, if nobody changes it meanwhile.
        """
        answer = await dav.send("GET", address)
        check_status(answer)
        version = answer.headers.get("etag")
        if _sequence(answer.body, entry.uid) >= entry.sequence:
            return Written(key=path_of(address), version=version)
        again = await self._put(dav, address, entry, _condition(version))
        return await self._written(dav, address, again)


def _address(calendar: Connected, entry: Entry, known: Written | None) -> str:
    if known is not None:
        return urljoin(calendar.address, known.key)
    collection = calendar.address if calendar.address.endswith("/") else f"{calendar.address}/"
    return urljoin(collection, f"{entry.uid.partition('@')[0]}.ics")


def _condition(version: str | None) -> dict[str, str]:
    return {"If-Match": version or "*"}


def _sequence(text: bytes, uid: str) -> int:
    """Return the version of the booking that is there; raise Changed for something else."""
    try:
        parts = [part for calendar in calendars(text) for part in calendar.parts]
        ours = [
            part for part in parts if part.name == "VEVENT" and part.value("UID") == uid.upper()
        ]
        return int(ours[0].value("SEQUENCE") or 0)
    except (NoCalendar, ValueError, IndexError) as fault:
        raise Changed from fault
