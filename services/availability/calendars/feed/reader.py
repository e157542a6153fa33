"""A calendar behind an address, asked for only when it has changed."""

import hashlib
from collections.abc import Mapping
from urllib.parse import urlsplit

from services.availability.calendars.answers import ask, check_status
from services.availability.calendars.entries.reader import EntryReader
from services.availability.calendars.port import Broken, Changes, Connected, Window
from services.chassis.http.outgoing import Answer, Outgoing


class FeedReader:
    """Reads feeds."""

    def __init__(self, outgoing: Outgoing, entries: EntryReader) -> None:
        self._outgoing = outgoing
        self._entries = entries

    async def read(self, calendar: Connected, window: Window) -> Changes:
        """Return what the feed takes, or that nothing has changed; raise Broken, ComeAgain."""
        state = calendar.state
        answer = await ask(
            self._outgoing, "GET", calendar.address, headers=_conditions(state), calendar=calendar
        )
        if answer.status == 304:
            return Changes(complete=False, state=state)
        check_status(answer)
        digest = hashlib.sha256(answer.body).hexdigest()
        now = {**_validators(answer), "digest": digest}
        if state.get("digest") == digest:  # of a server that knows no conditions
            return Changes(complete=False, state=now)
        read = await self._entries.read(
            answer.body,
            window=window,
            time_zone=calendar.time_zone,
            emails=calendar.emails,
        )
        if not read.objects and not read.own and read.skipped:
            raise Broken("unreadable", "none of its entries can be read")
        return Changes(
            complete=True,
            objects=read.objects,
            own=read.own,
            skipped=read.skipped,
            state=now,
            name=read.name or _host(calendar.address),
        )


def _conditions(state: Mapping[str, str]) -> dict[str, str]:
    headers = {"Accept": "text/calendar, */*;q=0.1"}
    if "etag" in state:
        headers["If-None-Match"] = state["etag"]
    if "last_modified" in state:
        headers["If-Modified-Since"] = state["last_modified"]
    return headers


def _validators(answer: Answer) -> dict[str, str]:
    named = {"etag": "etag", "last_modified": "last-modified"}
    return {
        key: answer.headers[name][:200] for key, name in named.items() if name in answer.headers
    }


def _host(address: str) -> str | None:
    """Return the host: the path of a feed is often its secret."""
    return urlsplit(address).hostname
