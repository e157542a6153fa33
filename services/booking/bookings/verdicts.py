"""Availability's verdict on each reserved slot, from its events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict
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


async def keep_verdict(
    connection: Connection, event: SlotAccepted | SlotRejected, *, accepted: bool
) -> None:
    """Keep the verdict for the confirmation to come."""
    await enqueue(
        connection,
        _KEEP,
        booking_id=event.booking_id,
        starts_at=event.start,
        accepted=accepted,
        reasons=Jsonb([reason.model_dump() for reason in event.reasons]),
        checked_at=event.checked_at,
    )


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
