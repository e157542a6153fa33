"""The times that availability offers: booking's one synchronous read from another service."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

import httpx
import structlog
from pydantic import BaseModel

from contracts.capabilities import MANAGE, PRIVATE_LINK
from services.booking.domain.slot import Slot

log = structlog.get_logger(__name__)

DEADLINE_SECONDS = 1.5
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
    """Whose times are asked for, and what opens them: a link, or a booking that is moved."""

    meeting_type_id: UUID
    link_token: str | None = None
    manage_token: str | None = None
    rescheduling: UUID | None = None


@dataclass(frozen=True, slots=True)
class FreeTimes:
    """What may be booked in a window; `known` is False when availability does not answer."""

    known: bool
    slots: tuple[Slot, ...]
    next_free_day: date | None = None


class _OfferedSlot(BaseModel):
    start: datetime
    end: datetime


class _Offered(BaseModel):
    """What availability answers."""

    slots: list[_OfferedSlot]
    next_free_day: date | None = None


UNKNOWN = FreeTimes(known=False, slots=())


class FreeTimesClient:
    """Asks availability for free times; without an answer in time the result is UNKNOWN."""

    def __init__(self, url: str, client: httpx.AsyncClient | None = None) -> None:
        self._url = url
        self._client = client or httpx.AsyncClient(timeout=DEADLINE_SECONDS)
        self._asking: dict[tuple[Opening, datetime], asyncio.Task[tuple[Slot, ...]]] = {}

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def between(
        self, opening: Opening, start: str, end: str, *, time_zone: str = "UTC"
    ) -> FreeTimes:
        """Return the slots in a window of at most 62 days, given as dates or instants."""
        query = {
            "meeting_type_id": str(opening.meeting_type_id),
            "from": start,
            "to": end,
            "time_zone": time_zone,
        }
        if opening.rescheduling:
            query["rescheduling"] = str(opening.rescheduling)
        shown = {PRIVATE_LINK.header: opening.link_token, MANAGE.header: opening.manage_token}
        headers = {name: token for name, token in shown.items() if token}
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                offered = await self._offered(query, headers)
        except (httpx.HTTPError, TimeoutError, ValueError) as fault:
            log.warning("availability_does_not_answer", fault=type(fault).__name__)
            return UNKNOWN
        slots = tuple(Slot(each.start, each.end) for each in offered.slots)
        return FreeTimes(known=True, slots=slots, next_free_day=offered.next_free_day)

    async def _offered(self, query: dict[str, str], headers: dict[str, str]) -> _Offered:
        address = f"{self._url}/api/availability/v1/slots"
        answer = await self._client.get(address, params=query, headers=headers)
        answer.raise_for_status()
        return _Offered.model_validate_json(answer.content)

    async def nearest(self, opening: Opening, start: datetime) -> tuple[Slot, ...]:
        """Return the free times nearest to one that is not to be had, earliest first.

        Equal requests within a moment share one answer.
        """
        asked = (opening, start)
        asking = self._asking.get(asked)
        if asking is None:
            asking = self._asking[asked] = asyncio.create_task(self._nearest(opening, start))
            asking.add_done_callback(partial(self._forget_soon, asked))
        return await asyncio.shield(asking)

    def _forget_soon(
        self, asked: tuple[Opening, datetime], asking: asyncio.Task[tuple[Slot, ...]]
    ) -> None:
        asking.get_loop().call_later(SHARED_SECONDS, self._asking.pop, asked, None)

    async def _nearest(self, opening: Opening, start: datetime) -> tuple[Slot, ...]:
        found = UNKNOWN
        for before, behind in WINDOWS:
            found = await self.between(
                opening, (start - before).isoformat(), (start + behind).isoformat()
            )
            if not found.known or len(found.slots) >= NEAREST:
                break
        by_distance = sorted(found.slots, key=lambda slot: abs(slot.start - start))
        return tuple(sorted(by_distance[:NEAREST], key=lambda slot: slot.start))
