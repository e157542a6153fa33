"""Availability's verdict on each reserved slot, from its events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import Boolean, Column, PrimaryKeyConstraint, Table, Uuid, bindparam, delete, select
from sqlalchemy.dialects.postgresql import JSONB, insert

from contracts.availability import SlotAccepted, SlotRejected
from services.booking.domain.booking import Verdict
from services.booking.metadata import Instant, metadata
from services.chassis.postgres.database import (
    Connection,
    Statement,
    enqueue,
    fetch_one,
    prepared,
    sql,
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("booking_id", Uuid, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("accepted", Boolean, nullable=False),
    Column("reasons", JSONB, nullable=False),
    Column("checked_at", Instant, nullable=False),
    PrimaryKeyConstraint("booking_id", "starts_at"),
)

# The stored events are those that are published under the same ids. An answer to an earlier request
# for the time says nothing any more.
_KEEP_NEWEST = sql("""
    INSERT INTO verdicts (booking_id, starts_at, accepted, reasons, checked_at)
    SELECT %(booking_id)s, %(starts_at)s, %(accepted)s, %(reasons)s, %(checked_at)s
    WHERE %(request)s = (
        SELECT id::text FROM events
        WHERE stream = 'booking-' || %(booking_id)s::text AND type = 'SlotReserved'
            AND (data->'slot'->>'start')::timestamptz = %(starts_at)s
        ORDER BY version DESC LIMIT 1)
    ON CONFLICT (booking_id, starts_at) DO UPDATE SET accepted = excluded.accepted,
        reasons = excluded.reasons, checked_at = excluded.checked_at
""")
_COLUMNS = ("booking_id", "starts_at", "accepted", "reasons", "checked_at")
_VERDICT = insert(verdicts).values({name: bindparam(name) for name in _COLUMNS})
_KEEP = prepared(
    _VERDICT.on_conflict_do_update(
        index_elements=["booking_id", "starts_at"],
        set_={name: getattr(_VERDICT.excluded, name) for name in _COLUMNS[2:]},
    )
)
_FORGET = prepared(
    delete(verdicts)
    .where(verdicts.c.booking_id == bindparam("of", type_=Uuid))
    .where(verdicts.c.starts_at == bindparam("starts_at"))
)
_VERDICT_ON = prepared(
    select(verdicts.c.accepted, verdicts.c.reasons)
    .where(verdicts.c.booking_id == bindparam("booking_id", type_=Uuid))
    .where(verdicts.c.starts_at == bindparam("starts_at"))
)


class Reason(TypedDict):
    """A rule by which availability rejected a slot, as its row holds it."""

    rule: str


@dataclass(frozen=True, slots=True)
class SlotVerdict:
    """Availability's verdict on one slot; `rejected_for` names the rules that reject it."""

    verdict: Verdict
    rejected_for: tuple[str, ...] = ()


async def keep_verdict(connection: Connection, event: SlotAccepted | SlotRejected) -> None:
    """Keep the verdict for the confirmation to come."""
    await enqueue(connection, _KEEP, **_row(event))


async def keep_newest_verdict(
    connection: Connection, event: SlotAccepted | SlotRejected, request: str | None
) -> None:
    """Keep the verdict if it answers the booking's newest request for the time."""
    await enqueue(connection, _KEEP_NEWEST, **_row(event), request=request)


def _row(event: SlotAccepted | SlotRejected) -> dict[str, Any]:
    return {
        "booking_id": event.booking_id,
        "starts_at": event.start,
        "accepted": isinstance(event, SlotAccepted),
        "reasons": Jsonb([reason.model_dump() for reason in event.reasons]),
        "checked_at": event.checked_at,
    }


def forget_verdict(booking_id: UUID, starts_at: datetime) -> Statement:
    """Forget the verdict on an earlier request for the same time: it says nothing about this."""
    return Statement(_FORGET, {"of": booking_id, "starts_at": starts_at})


async def verdict_on(connection: Connection, booking_id: UUID, starts_at: datetime) -> SlotVerdict:
    """Return the verdict on the slot as far as it is known here."""
    row = await fetch_one(connection, _VERDICT_ON, booking_id=booking_id, starts_at=starts_at)
    return slot_verdict(row["accepted"], row["reasons"]) if row else SlotVerdict("pending")


def slot_verdict(accepted: bool | None, reasons: Sequence[Reason] | None) -> SlotVerdict:
    """Return the verdict that a row holds; without a row it is pending."""
    if accepted is None:
        return SlotVerdict("pending")
    rules = tuple(reason["rule"] for reason in reasons or ())
    return SlotVerdict("accepted" if accepted else "rejected", rules)
