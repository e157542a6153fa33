"""Deadlines as rows: claimed with SKIP LOCKED, fired in the transaction that deletes them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from services.chassis.events.retries import run_with_retries
from services.chassis.postgres.database import (
    PASSING_FAULTS,
    Connection,
    Database,
    Row,
    Statement,
    enqueue,
    execute,
    fetch_one,
    prepared,
    sql,
)
from services.chassis.postgres.tables import timers
from services.chassis.runtime import telemetry
from services.chassis.runtime.crash_points import reach

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.5

# Fires the timer within the given transaction; may find that there is nothing to do any more.
Handler = Callable[[Connection, str], Awaitable[None]]

_insert = insert(timers).values(
    kind=bindparam("kind"), key=bindparam("key"), due_at=bindparam("due_at")
)
_SCHEDULE = prepared(
    _insert.on_conflict_do_update(
        index_elements=["kind", "key"],
        set_={"due_at": _insert.excluded.due_at, "attempts": 0},
    )
)
# A timer that fires just now is locked; waiting for it while holding what it wants would deadlock,
# and it deletes itself.
_CANCEL = sql("""
    DELETE FROM timers WHERE (kind, key) IN (
        SELECT kind, key FROM timers WHERE kind = %(kind)s AND key = %(key)s
        FOR UPDATE SKIP LOCKED)
""")
_CLAIM = prepared(
    select(timers.c.kind, timers.c.key, timers.c.attempts)
    .where(timers.c.due_at <= func.clock_timestamp())
    .order_by(timers.c.due_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_POSTPONE = sql("""
    UPDATE timers SET attempts = attempts + 1,
        due_at = clock_timestamp() + least(60, 2 ^ least(attempts, 6)) * interval '1 second'
    WHERE kind = %(kind)s AND key = %(key)s
""")


def schedule(kind: str, key: str, due_at: datetime) -> Statement:
    """Set the timer; setting it again moves it."""
    return Statement(_SCHEDULE, {"kind": kind, "key": key, "due_at": due_at})


def cancel(kind: str, key: str) -> Statement:
    """Take the timer away, if it is there."""
    return Statement(_CANCEL, {"kind": kind, "key": key})


class Timers:
    """Fires what is due; several processes share the rows."""

    def __init__(
        self,
        database: Database,
        handlers: Mapping[str, Handler],
        on_commit: Callable[[], None],
    ) -> None:
        self._database = database
        self._handlers = handlers
        self._on_commit = on_commit

    async def run(self) -> None:
        """Fire until cancelled."""
        while True:
            try:
                if not await self.fire_one():
                    await asyncio.sleep(POLL_SECONDS)
            except PASSING_FAULTS as fault:
                log.warning("timers_interrupted", fault=repr(fault))
                await asyncio.sleep(POLL_SECONDS)

    async def fire_one(self) -> bool:
        """Fire one timer that is due; False when none is. One that fails waits, ever longer."""
        claim = _Claim()
        try:
            await run_with_retries(self._database, partial(self._fire, claim))
        except PASSING_FAULTS:
            raise
        except Exception:
            if claim.timer is None:
                raise
            log.exception("timer_failed", kind=claim.timer["kind"], key=claim.timer["key"])
            await self._postpone(claim.timer)
            return True
        if claim.timer is None:
            return False
        telemetry.TIMERS_FIRED.labels(claim.timer["kind"], "fired").inc()
        self._on_commit()
        return True

    async def _fire(self, claim: "_Claim", connection: Connection) -> None:
        claim.timer = None  # in a later round it may be another one
        claim.timer = timer = await fetch_one(connection, _CLAIM)
        if timer is None:
            return
        reach("timers.claimed")
        await self._handlers[timer["kind"]](connection, timer["key"])
        await enqueue(connection, _CANCEL, kind=timer["kind"], key=timer["key"])
        reach("timers.fired")

    async def _postpone(self, timer: Row) -> None:
        telemetry.TIMERS_FIRED.labels(timer["kind"], "failed").inc()
        async with self._database.connection() as connection:
            await execute(connection, _POSTPONE, kind=timer["kind"], key=timer["key"])


@dataclass(slots=True)
class _Claim:
    """The timer that a transaction holds, for what is to be done after it."""

    timer: Row | None = None
