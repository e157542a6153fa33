"""The queue of deliveries: claimed under a lease, settled once by the newest claim's holder."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, or_, select, update
from sqlalchemy.types import DateTime, Integer, Interval

from services.chassis.postgres.database import (
    Connection,
    execute,
    fetch,
    fetch_one,
    prepared,
    sql,
)
from services.notifier.domain.attempts import (
    GIVE_UP_AFTER,
    NOT_CONNECTED,
    Delayed,
    Failed,
    Outcome,
    Overtaken,
    Sent,
    pause_after,
)
from services.notifier.domain.delivery import Delivery, DeliveryStatus, Kind
from services.notifier.tables import deliveries

# The signal that there may be letters to send.
MAIL = "mail"

# The delivery that has been due for longest. An earlier letter about the booking to the same
# recipient is sent first; a first attempt waits for the attendee's data.
_CLAIM = sql("""
    WITH due AS (
        SELECT d.id FROM deliveries d
        WHERE d.state IN ('waiting', 'sending', 'retrying')
            AND d.next_attempt_at <= statement_timestamp()
            AND (d.state <> 'waiting' OR d.give_up_at <= statement_timestamp()
                OR EXISTS (SELECT FROM attendees a WHERE a.attendee_id = d.attendee_id))
            AND NOT EXISTS (
                SELECT FROM deliveries e
                WHERE e.booking_id = d.booking_id AND e.recipient = d.recipient
                    AND e.ics_sequence < d.ics_sequence
                    AND e.state IN ('waiting', 'sending', 'retrying'))
        ORDER BY d.next_attempt_at
        LIMIT 1
        FOR UPDATE OF d SKIP LOCKED)
    UPDATE deliveries d SET state = 'sending', attempts = d.attempts + 1,
        next_attempt_at = clock_timestamp() + %(lease)s
    FROM due WHERE d.id = due.id
    RETURNING d.*, clock_timestamp() AS now
""")
_is_held = (
    (deliveries.c.id == bindparam("of", type_=Uuid))
    & (deliveries.c.attempts == bindparam("attempt", type_=Integer))
    & (deliveries.c.state == "sending")
)
_SETTLE = prepared(
    update(deliveries)
    .where(_is_held)
    .values(
        state=bindparam("to"),
        next_attempt_at=func.clock_timestamp() + bindparam("pause", type_=Interval),
        last_error=bindparam("cause"),
        smtp_code=bindparam("code", type_=Integer),
        message_id=bindparam("named"),
        sent_at=bindparam("sent_at", type_=DateTime(timezone=True)),
    )
    .returning(deliveries.c.next_attempt_at)
)
_NOW = prepared(select(func.clock_timestamp().label("now")))
# The mail server is back: what was delayed because it was away need not wait any longer.
_MAKE_UNREACHED_DUE = sql("""
    UPDATE deliveries SET next_attempt_at = clock_timestamp()
    WHERE id IN (
        SELECT id FROM deliveries
        WHERE state = 'retrying' AND last_error = %(cause)s
            AND next_attempt_at > clock_timestamp()
        FOR UPDATE SKIP LOCKED)
""")
_RETRY = prepared(
    update(deliveries)
    .where(deliveries.c.id == bindparam("of", type_=Uuid))
    .where(or_(deliveries.c.state == "failed", deliveries.c.state == "retrying"))
    .values(
        state="retrying",
        next_attempt_at=func.clock_timestamp(),
        give_up_at=func.clock_timestamp() + bindparam("patience", type_=Interval),
    )
    .returning(deliveries.c.id)
)
_UNFINISHED = sql("""
    SELECT state, kind, count(*) AS letters FROM deliveries
    WHERE state IN ('waiting', 'sending', 'retrying') GROUP BY state, kind
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A delivery that this process may send, until the lease is over."""

    id: UUID
    delivery: Delivery
    organizer_id: UUID
    attendee_id: UUID
    event: Mapping[str, object]
    attempt: int
    last_error: str | None
    give_up_at: datetime
    created_at: datetime
    claimed_at: datetime
    correlation_id: str
    causation_id: str


@dataclass(frozen=True, slots=True)
class UnfinishedCount:
    """How many letters of a kind are in an unfinished state."""

    kind: Kind
    status: DeliveryStatus
    letters: int


async def claim(connection: Connection, lease: timedelta) -> Claim | None:
    """Claim the next delivery that may be sent; None when there is none."""
    row = await fetch_one(connection, _CLAIM, lease=lease)
    if row is None:
        return None
    return Claim(
        id=row["id"],
        delivery=Delivery(row["booking_id"], row["ics_sequence"], row["recipient"], row["kind"]),
        organizer_id=row["organizer_id"],
        attendee_id=row["attendee_id"],
        event=row["event"],
        attempt=row["attempts"],
        last_error=row["last_error"],
        give_up_at=row["give_up_at"],
        created_at=row["created_at"],
        claimed_at=row["now"],
        correlation_id=row["correlation_id"],
        causation_id=row["causation_id"],
    )


async def now(connection: Connection) -> datetime:
    """Return the database's time."""
    row = await fetch_one(connection, _NOW)
    assert row is not None
    at: datetime = row["now"]
    return at


async def settle(
    connection: Connection, claimed: Claim, outcome: Outcome, message_id: str, at: datetime
) -> datetime | None:
    """Write the outcome and return when the next attempt is due, if there is one.

    None means that another process has claimed the delivery since: nothing is written.
    """
    status, cause, code = _columns(outcome)
    row = await fetch_one(
        connection,
        _SETTLE,
        of=claimed.id,
        attempt=claimed.attempt,
        to=status,
        pause=pause_after(claimed.attempt) if status == "retrying" else timedelta(),
        cause=cause,
        code=code,
        named=message_id,
        sent_at=at if status == "sent" else None,
    )
    return row["next_attempt_at"] if row else None


def _columns(outcome: Outcome) -> tuple[DeliveryStatus, str | None, int | None]:
    match outcome:
        case Sent():
            return "sent", None, None
        case Overtaken():
            return "overtaken", None, None
        case Delayed(cause, code):
            return "retrying", cause, code
        case Failed(cause, code):
            return "failed", cause, code
        case _:
            assert_never(outcome)


async def make_unreached_due(connection: Connection) -> None:
    """Make due what waits only because the mail server could not be reached."""
    await execute(connection, _MAKE_UNREACHED_DUE, cause=NOT_CONNECTED)


async def retry(connection: Connection, delivery_id: UUID) -> bool:
    """Make a failed or delayed delivery due; False when it is neither."""
    return bool(await fetch(connection, _RETRY, of=delivery_id, patience=GIVE_UP_AFTER))


async def unfinished(connection: Connection) -> list[UnfinishedCount]:
    """Return how many letters are not sent yet."""
    rows = await fetch(connection, _UNFINISHED)
    return [UnfinishedCount(row["kind"], row["state"], row["letters"]) for row in rows]
