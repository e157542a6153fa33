"""The times that availability offers: booking's one synchronous read from another service."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from contracts.capabilities import MANAGE, ORGANIZER_HEADER, PRIVATE_LINK
from services.booking.domain.periods import Period
from services.booking.domain.slot import Slot
from services.chassis.http.json_client import JsonClient, NoAnswer, Refused
from services.chassis.runtime.shared_reads import SharedReads

DEADLINE_SECONDS = 1.5
LARGEST_ANSWER = 4 * 1024 * 1024  # the times of 62 days, one each five minutes, are 1.1 MB
PATH = "/api/availability/v1/slots"
NEAREST = 5
# Requests that lost the same race come at nearly the same moment and can share one answer.
SHARED_SECONDS = 0.25
# How far before and after a time to look for the nearest ones: the cheaper window first.
WINDOWS = (
    (timedelta(days=2), timedelta(days=2)),
    (timedelta(days=7), timedelta(days=14)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Whose times are asked for, and what opens them: a link, or a booking that is moved.

    Their organizer is not bound by lead times and limits: with their token all of their times are
    free, or with `for_attendee` those that an attendee could book.
    """

    meeting_type_id: UUID
    link_token: str | None = None
    manage_token: str | None = None
    organizer_token: str | None = None
    for_attendee: bool = False
    rescheduling: UUID | None = None
    duration_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class FreeTimes:
    """What may be booked in a window.

    `known` is False when availability does not answer, or does not know what the organizer's
    calendars take. `closed` is what it answers where nothing at all can be booked.
    """

    known: bool
    closed: bool = False
    starts: tuple[datetime, ...] = ()
    length: timedelta = timedelta()
    next_free_day: date | None = None

    def slot(self, start: datetime) -> Slot:
        """Return the slot with the start: all of a meeting type have one length."""
        return Slot(start, start + self.length)


UNKNOWN = FreeTimes(known=False)
CLOSED = FreeTimes(known=False, closed=True)
_CLOSED = frozenset((HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.GONE))
# Whose nearest times are asked for, around which time, and in which period they are no help.
_Asked = tuple[Opening, datetime, Period | None]


class FreeTimesClient:
    """Asks availability for free times; without an answer in time the result is UNKNOWN."""

    def __init__(self, url: str) -> None:
        self._availability = JsonClient(
            url, name="availability", seconds=DEADLINE_SECONDS, largest=LARGEST_ANSWER
        )
        self._answers: SharedReads[_Window, FreeTimes] = SharedReads(self._ask)
        self._asking: dict[_Asked, asyncio.Task[tuple[Slot, ...]]] = {}

    async def close(self) -> None:
        """Close the connections."""
        await self._availability.close()

    async def between(
        self, opening: Opening, start: str, end: str, *, time_zone: str = "UTC"
    ) -> FreeTimes:
        """Return the slots in a window of at most 62 days, given as dates or instants."""
        return await self._answers.of(_Window(opening, start, end, time_zone))

    async def _ask(self, window: "_Window") -> FreeTimes:
        opening = window.opening
        query = {
            "meeting_type_id": str(opening.meeting_type_id),
            "from": window.start,
            "to": window.end,
            "time_zone": window.time_zone,
        }
        if opening.rescheduling:
            query["rescheduling"] = str(opening.rescheduling)
        if opening.for_attendee:
            query["for_attendee"] = "true"
        if opening.duration_minutes:
            query["duration_minutes"] = str(opening.duration_minutes)
        shown = {
            PRIVATE_LINK.header: opening.link_token,
            MANAGE.header: opening.manage_token,
            ORGANIZER_HEADER: opening.organizer_token,
        }
        headers = {name: token for name, token in shown.items() if token}
        try:
            return await self._availability.get(
                PATH, _read, query=query, headers=headers, refusals=_CLOSED
            )
        except Refused:
            return CLOSED
        except NoAnswer:
            return UNKNOWN

    async def nearest(
        self, opening: Opening, start: datetime, full: Period | None = None
    ) -> tuple[Slot, ...]:
        """Return the free times nearest to one that is not to be had, earliest first.

        None in the `full` period. Equal requests within a moment share one answer.
        """
        asked = (opening, start, full)
        asking = self._asking.get(asked)
        if asking is None:
            asking = self._asking[asked] = asyncio.create_task(self._nearest(*asked))
            asking.add_done_callback(partial(self._forget_soon, asked))
        return await asyncio.shield(asking)

    def _forget_soon(self, asked: _Asked, asking: asyncio.Task[tuple[Slot, ...]]) -> None:
        asking.get_loop().call_later(SHARED_SECONDS, self._asking.pop, asked, None)

    async def _nearest(
        self, opening: Opening, start: datetime, full: Period | None
    ) -> tuple[Slot, ...]:
        found, starts = UNKNOWN, list[datetime]()
        for before, behind in WINDOWS:
            found = await self.between(
                opening, (start - before).isoformat(), (start + behind).isoformat()
            )
            starts = [each for each in found.starts if full is None or each not in full]
            if not found.known or len(starts) >= NEAREST:
                break
        by_distance = sorted(starts, key=lambda each: abs(each - start))
        return tuple(map(found.slot, sorted(by_distance[:NEAREST])))


@dataclass(frozen=True, slots=True)
class _Window:
    """What is asked of availability."""

    opening: Opening
    start: str
    end: str
    time_zone: str


def _read(document: dict[str, Any]) -> FreeTimes:
    if document.get("unknown"):
        return UNKNOWN
    offered, day = document["slots"], document.get("next_free_day")
    starts = tuple([datetime.fromisoformat(each["start"]) for each in offered])
    if any(start.tzinfo is None for start in starts):
        raise ValueError
    return FreeTimes(
        known=True,
        starts=starts,
        length=datetime.fromisoformat(offered[0]["end"]) - starts[0] if starts else timedelta(),
        next_free_day=date.fromisoformat(day) if day else None,
    )
