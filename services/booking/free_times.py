"""The times that availability offers: booking's one synchronous read from another service."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import httpx
import structlog

from contracts.capabilities import MANAGE, PRIVATE_LINK

log = structlog.get_logger(__name__)

DEADLINE_SECONDS = 1.5
NEAREST = 5
# Those who lose one race come within moments of each other, and what is free has a lag anyway.
SHARED_SECONDS = 0.25
# Where to look for the nearest times, before and behind: close by first, as that is the cheaper.
WINDOWS = (
    (timedelta(days=2), timedelta(days=2)),
    (timedelta(days=7), timedelta(days=14)),
)


@dataclass(frozen=True, slots=True)
class FreeTimes:
    """What may be booked in a window; `known` is False when availability does not answer."""

    known: bool
    slots: list[dict[str, str]]
    next_free_day: str | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question for the nearest times."""

    meeting_type_id: UUID
    start: datetime
    link_token: str | None
    manage_token: str | None
    rescheduling: UUID | None


UNKNOWN = FreeTimes(known=False, slots=[])


class FreeTimesClient:
    """Asks availability within a deadline; when it is away nothing is offered, and that is said."""

    def __init__(self, url: str, client: httpx.AsyncClient | None = None) -> None:
        self._url = url
        self._client = client or httpx.AsyncClient(timeout=DEADLINE_SECONDS)
        self._asking: dict[_Asked, asyncio.Task[list[dict[str, str]]]] = {}

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def between(
        self,
        meeting_type_id: UUID,
        start: str,
        end: str,
        *,
        time_zone: str = "UTC",
        link_token: str | None = None,
        manage_token: str | None = None,
        rescheduling: UUID | None = None,
    ) -> FreeTimes:
        """Return the slots in a window of at most 62 days, given as dates or instants."""
        query = {
            "meeting_type_id": str(meeting_type_id),
            "from": start,
            "to": end,
            "time_zone": time_zone,
        }
        if rescheduling:
            query["rescheduling"] = str(rescheduling)
        held = {PRIVATE_LINK.header: link_token, MANAGE.header: manage_token}
        headers = {name: token for name, token in held.items() if token}
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                body = await self._asked(query, headers)
            return FreeTimes(
                known=True, slots=body["slots"], next_free_day=body.get("next_free_day")
            )
        except (httpx.HTTPError, TimeoutError, ValueError, LookupError) as fault:
            log.warning("availability_does_not_answer", fault=type(fault).__name__)
            return UNKNOWN

    async def _asked(self, query: dict[str, str], headers: dict[str, str]) -> dict[str, Any]:
        address = f"{self._url}/api/availability/v1/slots"
        answer = await self._client.get(address, params=query, headers=headers)
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        return body

    async def nearest(
        self,
        meeting_type_id: UUID,
        start: datetime,
        *,
        link_token: str | None = None,
        manage_token: str | None = None,
        rescheduling: UUID | None = None,
    ) -> list[dict[str, str]]:
        """Return the free times nearest to one that is not to be had, earliest first.

        Those who lose the same race ask the same thing almost together, and share the answer.
        """
        asked = _Asked(meeting_type_id, start, link_token, manage_token, rescheduling)
        asking = self._asking.get(asked)
        if asking is None:
            asking = self._asking[asked] = asyncio.create_task(self._nearest(asked))
            asking.add_done_callback(partial(self._forget_soon, asked))
        return await asyncio.shield(asking)

    def _forget_soon(self, asked: _Asked, asking: asyncio.Task[list[dict[str, str]]]) -> None:
        asking.get_loop().call_later(SHARED_SECONDS, self._asking.pop, asked, None)

    async def _nearest(self, asked: "_Asked") -> list[dict[str, str]]:
        found, start = UNKNOWN, asked.start
        for before, behind in WINDOWS:
            found = await self.between(
                asked.meeting_type_id,
                (start - before).isoformat(),
                (start + behind).isoformat(),
                link_token=asked.link_token,
                manage_token=asked.manage_token,
                rescheduling=asked.rescheduling,
            )
            if not found.known or len(found.slots) >= NEAREST:
                break
        by_distance = sorted(
            found.slots,
            key=lambda slot: abs(datetime.fromisoformat(slot["start"]) - start),
        )
        return sorted(by_distance[:NEAREST], key=lambda slot: slot["start"])
