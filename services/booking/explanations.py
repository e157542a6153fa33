"""Why a time is offered or not, as availability tells the organizer whose time it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.capabilities import ORGANIZER_HEADER
from services.chassis.http.json_client import JsonClient, NoAnswer

DEADLINE_SECONDS = 1.5
LARGEST_ANSWER = 64 * 1024
PATH = "/api/availability/v1/explain"


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
        self._availability = JsonClient(
            url, name="availability", seconds=DEADLINE_SECONDS, largest=LARGEST_ANSWER
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._availability.close()

    async def explain(self, type_id: UUID, start: datetime, organizer_token: str) -> Explained:
        """Return why the start of the organizer's own type is offered or not."""
        query = {"meeting_type_id": str(type_id), "start": start.isoformat()}
        headers = {ORGANIZER_HEADER: organizer_token}
        try:
            return await self._availability.get(PATH, _read, query=query, headers=headers)
        except NoAnswer:
            return UNKNOWN


def _read(document: dict[str, Any]) -> Explained:
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


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
