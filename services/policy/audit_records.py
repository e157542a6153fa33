"""The audit as it is read: who did or tried what, found by whom, what and when; in pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, JsonValue, TypeAdapter

from services.chassis.postgres.database import Connection, Row, fetch, fetch_one, sql
from services.policy.audit import Settings, settings_in

Outcome = Literal["made", "refused"]
Order = Literal["oldest", "newest"]
# A filter is a condition of its own: the table is read by the index that fits.
_CONDITIONS = {
    "who": "who = ANY(%(who)s)",
    "whom": "whom = ANY(%(whom)s)",
    "what": "what = %(what)s",
    "outcome": "outcome = %(outcome)s",
    "since": "at >= %(since)s",
    "until": "at < %(until)s",
}
_PLACES = {
    "oldest": ("number > %(place)s", "number"),
    "newest": ("number < %(place)s", "number DESC"),
}
_NUMBER = sql("SELECT number FROM audit WHERE id = %(id)s")
_LAST = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which records are wanted; what is None does not matter. `until` is the first moment after."""

    who: Sequence[str] | None = None
    whom: Sequence[str] | None = None
    what: str | None = None
    outcome: Outcome | None = None
    since: datetime | None = None
    until: datetime | None = None

    def values(self) -> dict[str, Any]:
        """Return what is asked for, by the names of the conditions."""
        said = {
            "who": None if self.who is None else list(self.who),
            "whom": None if self.whom is None else list(self.whom),
            "what": self.what,
            "outcome": self.outcome,
            "since": _written(self.since),
            "until": _written(self.until),
        }
        return {name: value for name, value in said.items() if value is not None}


class RecordedOrigin(BaseModel):
    """How a request came, and from which network."""

    way: str
    network: str | None = None


class Attempt(BaseModel):
    """What was asked for and refused, and why."""

    method: str
    route: str
    status: int
    problem: str | None = None
    detail: str | None = None
    if_match: str | None = None
    asked: dict[str, JsonValue] | None = None
    last_of_budget: bool = False


class RecordedEvent(BaseModel):
    """The event of a change that was made."""

    type: str
    stream: str
    version: int
    data: dict[str, JsonValue]


class AuditEntry(BaseModel):
    """One record: a change with its event, or a refused attempt."""

    number: int
    id: UUID
    time: datetime
    outcome: Outcome
    who: str
    what: str
    whom: str | None
    why: str
    origin: RecordedOrigin | None = None
    correlation_id: str | None = None
    event: RecordedEvent | None = None
    attempt: Attempt | None = None
    digest: str = ""

    @property
    def user_id(self) -> UUID | None:
        """Return whom it is about, if that is a user."""
        try:
            return UUID(self.whom or "")
        except ValueError:
            return None

    @property
    def settings(self) -> tuple[Settings | None, Settings | None]:
        """Return the settings before and after; nothing for what was refused."""
        return settings_in(self.event.type, self.event.data) if self.event else (None, None)


_ENTRY = TypeAdapter(AuditEntry)


async def place_of(connection: Connection, id_: UUID) -> int | None:
    """Return the number of the record with that id."""
    row = await fetch_one(connection, _NUMBER, id=id_)
    return row["number"] if row else None


async def find_records(
    connection: Connection,
    wanted: AuditFilter,
    *,
    order: Order = "oldest",
    after: int | None = None,
    limit: int,
) -> list[AuditEntry]:
    """Return the records that are wanted, behind the one of that number in their order."""
    values = wanted.values()
    beyond, by = _PLACES[order]
    conditions = " AND ".join([beyond, *(_CONDITIONS[name] for name in values)])
    statement = sql(
        f"SELECT number, record, digest FROM audit WHERE {conditions} ORDER BY {by} LIMIT %(limit)s"  # noqa: S608 -- our own words
    )
    place = after if after is not None else (0 if order == "oldest" else _LAST)
    rows = await fetch(connection, statement, place=place, limit=limit, **values)
    return [_entry(row) for row in rows]


def _entry(row: Row) -> AuditEntry:
    entry = _ENTRY.validate_json(row["record"])
    return entry.model_copy(update={"digest": bytes(row["digest"]).hex()})


def _written(moment: datetime | None) -> str | None:
    """Return the moment as records have it: in UTC, so that texts compare as moments do."""
    if moment is None:
        return None
    try:
        utc = moment.astimezone(UTC)
    except OverflowError:  # before the first day that there is, or behind the last
        utc = moment.replace(tzinfo=UTC)
    return utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
