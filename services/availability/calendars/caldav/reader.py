"""A CalDAV calendar, read for what has changed: by its sync token, or by its entries' versions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from xml.sax.saxutils import escape

from services.availability.calendars.answers import check_status
from services.availability.calendars.caldav.dav import (
    CALDAV,
    DAV,
    Dav,
    MultiStatus,
    path_of,
    read,
)
from services.availability.calendars.entries.reader import EntryReader
from services.availability.calendars.port import (
    Broken,
    BusyTime,
    Changes,
    Connected,
    OwnEntry,
    ReadAgain,
    SkippedEntry,
    Window,
)
from services.chassis.http.outgoing import Outgoing

_BATCH = 50
_ETAG, _DATA, _TOKEN = f"{DAV}getetag", f"{CALDAV}calendar-data", f"{DAV}sync-token"
_TOKEN_IS_WORTH_NOTHING = frozenset({400, 403, 404, 409, 410, 412, 507})


@dataclass(slots=True)
class _Found:
    objects: dict[str, Sequence[BusyTime]] = field(default_factory=dict)
    own: list[OwnEntry] = field(default_factory=list)
    skipped: list[SkippedEntry] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    etags: dict[str, str] = field(default_factory=dict)


class CalDavReader:
    """Reads CalDAV calendars."""

    def __init__(self, outgoing: Outgoing, entries: EntryReader) -> None:
        self._outgoing = outgoing
        self._entries = entries

    async def read(self, calendar: Connected, window: Window) -> Changes:
        """Return what has changed; raise Broken, ComeAgain, ReadAgain."""
        dav = Dav(self._outgoing, calendar.secrets)
        if token := calendar.state.get("token"):
            return await self._since(dav, calendar, window, token)
        known: Mapping[str, str] | None = calendar.state.get("etags")
        if known is not None:
            return await self._compared(dav, calendar, window, known)
        return await self._all(dav, calendar, window)

    async def _all(self, dav: Dav, calendar: Connected, window: Window) -> Changes:
        """Return all in the window; the token is asked for first, so that nothing is missed."""
        asked, _ = await dav.properties(
            calendar.address, ("d:sync-token", "d:displayname", "d:resourcetype")
        )
        about = asked.resources[0] if asked.resources else None
        if about is None or not about.has(f"{DAV}resourcetype", f"{CALDAV}calendar"):
            raise Broken("not_found", "no calendar at the address")
        inner = f"<d:prop><d:getetag/><c:calendar-data/></d:prop>{_in(window)}"
        answer = await dav.report(calendar.address, "c:calendar-query", inner)
        check_status(answer, 207)
        found = await self._read(calendar, window, read(answer))
        token = about.text(_TOKEN)
        return Changes(
            complete=True,
            objects=found.objects,
            own=found.own,
            skipped=found.skipped,
            state={"token": token} if token else {"etags": found.etags},
            name=about.text(f"{DAV}displayname"),
        )

    async def _since(self, dav: Dav, calendar: Connected, window: Window, token: str) -> Changes:
        inner = (
            f"<d:sync-token>{escape(token)}</d:sync-token><d:sync-level>1</d:sync-level>"
            "<d:prop><d:getetag/></d:prop>"
        )
        answer = await dav.report(calendar.address, "d:sync-collection", inner)
        if answer.status in _TOKEN_IS_WORTH_NOTHING:
            raise ReadAgain
        check_status(answer, 207)
        told = read(answer)
        if told.token is None:
            raise ReadAgain
        gone = [path_of(each.href) for each in told.resources if each.gone]
        changed = [
            each.href
            for each in told.resources
            if not each.gone and path_of(each.href) != path_of(calendar.address)
        ]
        found = await self._fetched(dav, calendar, window, changed)
        return _changes(found, gone, {"token": told.token})

    async def _compared(
        self, dav: Dav, calendar: Connected, window: Window, known: Mapping[str, str]
    ) -> Changes:
        inner = f"<d:prop><d:getetag/></d:prop>{_in(window)}"
        answer = await dav.report(calendar.address, "c:calendar-query", inner)
        check_status(answer, 207)
        now = {each.href: each.text(_ETAG) or "" for each in read(answer).resources}
        changed = [href for href, etag in now.items() if known.get(path_of(href)) != etag]
        found = await self._fetched(dav, calendar, window, changed)
        kept = {path_of(href): etag for href, etag in now.items()}
        return _changes(found, [path for path in known if path not in kept], {"etags": kept})

    async def _fetched(
        self, dav: Dav, calendar: Connected, window: Window, hrefs: Sequence[str]
    ) -> _Found:
        found = _Found()
        for batch in _batches(hrefs):
            wanted = "".join(f"<d:href>{escape(each)}</d:href>" for each in batch)
            inner = f"<d:prop><d:getetag/><c:calendar-data/></d:prop>{wanted}"
            answer = await dav.report(calendar.address, "c:calendar-multiget", inner)
            check_status(answer, 207)
            more = await self._read(calendar, window, read(answer))
            found.objects |= more.objects
            found.own += more.own
            found.skipped += more.skipped
            found.gone += more.gone
        return found

    async def _read(self, calendar: Connected, window: Window, told: MultiStatus) -> _Found:
        found = _Found()
        for each in told.resources:
            key, etag = path_of(each.href), each.text(_ETAG)
            text = each.properties.get(_DATA)
            if each.gone:
                found.gone.append(key)
                continue
            if text is None or not text.text:  # a collection, or what we may not see
                continue
            found.etags[key] = etag or ""
            await self._read_one(calendar, window, found, key, etag, text.text)
        return found

    async def _read_one(
        self,
        calendar: Connected,
        window: Window,
        found: _Found,
        key: str,
        etag: str | None,
        text: str,
    ) -> None:
        try:
            entry = await self._entries.read(
                text.encode(),
                window=window,
                time_zone=calendar.time_zone,
                emails=calendar.emails,
            )
        except Broken as fault:  # one entry, not the calendar
            found.skipped.append(SkippedEntry(key=key, why=fault.reason))
            found.objects[key] = ()
            return
        found.objects[key] = [time for times in entry.objects.values() for time in times]
        found.own += [replace(own, key=key, version=etag) for own in entry.own]
        found.skipped += entry.skipped


def _changes(found: _Found, gone: Sequence[str], state: Mapping[str, object]) -> Changes:
    return Changes(
        complete=False,
        objects=found.objects,
        gone=[*gone, *found.gone],
        own=found.own,
        skipped=found.skipped,
        state=state,
    )


def _in(window: Window) -> str:
    return (
        '<c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT">'
        f'<c:time-range start="{_utc(window.start)}" end="{_utc(window.end)}"/>'
        "</c:comp-filter></c:comp-filter></c:filter>"
    )


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _batches(hrefs: Sequence[str]) -> Iterator[list[str]]:
    remaining = iter(hrefs)
    while batch := list(islice(remaining, _BATCH)):
        yield batch
