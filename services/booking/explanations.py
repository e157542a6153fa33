"""Why a time is offered or not, as availability tells the organizer whose time it is."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

import aiohttp
import orjson
import structlog

from contracts.capabilities import ORGANIZER_HEADER

log = structlog.get_logger(__name__)

DEADLINE_SECONDS = 1.5
LARGEST_ANSWER = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleVerdict:
    """What one rule says of the time; the instants and minutes are those that its words name."""

    rule: str
    passed: bool
    since: datetime | None
    until: datetime | None
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Explained:
    """Each rule's verdict; `known` is False when availability does not answer."""

    known: bool
    offered: bool = False
    rules: tuple[RuleVerdict, ...] = ()


UNKNOWN = Explained(known=False)


class ExplanationClient:
    """Asks availability about one time; without an answer in time the result is UNKNOWN."""

    def __init__(self, url: str) -> None:
        self._address = f"{url}/api/availability/v1/explain"

    async def explain(self, type_id: UUID, start: datetime, organizer_token: str) -> Explained:
        """Return why the start of the organizer's own type is offered or not."""
        query = {"meeting_type_id": str(type_id), "start": start.isoformat()}
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                return _read(await self._answer(query, organizer_token))
        except (aiohttp.ClientError, TimeoutError, _NotUsable) as fault:
            log.warning("availability_does_not_explain", fault=type(fault).__name__)
            return UNKNOWN

    async def _answer(self, query: dict[str, str], token: str) -> bytes:
        # A person asks this now and then: a connection of its own is closed with the answer.
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.get(
                self._address,
                params=query,
                headers={ORGANIZER_HEADER: token},
                allow_redirects=False,
            ) as answer,
        ):
            if answer.status != HTTPStatus.OK:
                raise _NotUsable(answer.status)
            body = bytearray()
            async for part in answer.content.iter_any():
                body += part
                if len(body) > LARGEST_ANSWER:
                    raise _NotUsable(len(body))
            return bytes(body)


class _NotUsable(Exception):
    """What was answered is not what availability answers."""


def _read(answer: bytes) -> Explained:
    """Return what availability says; raise _NotUsable for another document."""
    try:
        document: dict[str, Any] = orjson.loads(answer)
        return Explained(
            known=True,
            offered=bool(document["offered"]),
            rules=tuple(
                RuleVerdict(
                    rule=str(each["rule"]),
                    passed=bool(each["passed"]),
                    since=_instant(each.get("since")),
                    until=_instant(each.get("until")),
                    minutes=each.get("minutes"),
                )
                for each in document["rules"]
            ),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise _NotUsable from fault


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
