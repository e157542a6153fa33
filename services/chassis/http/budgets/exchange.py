"""The exchange: five times a second a process tells what it has counted, and hears of the others.

One statement, whatever the number of keys. It answers with the totals of the keys that it was
told of, and of those of the others of which half is used: the rest is nobody's concern yet. Rows
are written in the order of their keys, so that no two processes wait for each other.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import structlog

from services.chassis.http.budgets.counts import SharedCounts, Told
from services.chassis.postgres import patience
from services.chassis.postgres.database import Database, Row, execute, fetch, sql

log = structlog.get_logger(__name__)

EVERY_SECONDS = 0.2
# A statement is seen once it is committed: what changed shortly before the last look is looked at
# again.
OVERLAP_SECONDS = 1.0
FORGET_EVERY_SECONDS = 60.0

_EXCHANGE = sql("""
    WITH told AS (
        INSERT INTO budget_counts AS c (key, used, most, ends_at)
        SELECT key, used, most, ends_at
        FROM unnest(%(keys)s::bytea[], %(used)s::bigint[], %(most)s::bigint[],
            %(ends_at)s::timestamptz[]) AS t (key, used, most, ends_at)
        ORDER BY key
        ON CONFLICT (key) DO UPDATE
            SET used = greatest(c.used + excluded.used, 0), changed_at = clock_timestamp()
        RETURNING key, used, most, ends_at)
    SELECT key, used, most, ends_at FROM told
    UNION ALL
    SELECT key, used, most, ends_at FROM budget_counts
    WHERE used * 2 >= most AND ends_at > clock_timestamp() AND NOT key = ANY(%(keys)s::bytea[])
        AND changed_at > clock_timestamp() - %(seconds)s * interval '1 second'
""")
_FORGET = sql("DELETE FROM budget_counts WHERE ends_at < clock_timestamp() - interval '1 minute'")


class Exchange:
    """Shares the counts of one process with those of the others."""

    def __init__(
        self,
        counts: SharedCounts,
        database: Database,
        *,
        grace_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Without an exchange for so many seconds nothing is shared any more."""
        self._counts = counts
        self._database = database
        self._grace = grace_seconds
        self._clock = clock
        self._heard_at = clock()
        self._has_heard = False
        self._forgot_at = clock()

    @property
    def is_shared(self) -> bool:
        """Tell whether the others have heard, within the grace, what was counted here."""
        return self._clock() - self._heard_at <= self._grace

    async def run(self) -> None:
        """Exchange until cancelled."""
        failing = False
        while True:
            try:
                await self.once()
            except Exception as fault:  # the next one will do; past the grace, callers are refused
                if not failing:
                    cause = type(fault.__cause__ or fault).__name__
                    log.warning("budgets_not_shared", fault=cause)
                failing = True
            else:
                failing = False
            await asyncio.sleep(EVERY_SECONDS)

    async def once(self) -> None:
        """Tell and hear once."""
        asked_at, taken = self._clock(), self._counts.take()
        try:
            # As long as a request, at most: what is awaited here decides on requests.
            with patience.for_a_request():
                answer = await self._told(taken, asked_at)
        except BaseException:
            self._counts.not_told(taken)
            raise
        self._counts.told(taken, answer)
        self._heard_at, self._has_heard = asked_at, True

    async def _told(self, taken: Sequence[Told], asked_at: float) -> Sequence[Told]:
        since = asked_at - self._heard_at + OVERLAP_SECONDS if self._has_heard else 10**9
        async with self._database.connection() as connection:
            rows = await fetch(
                connection,
                _EXCHANGE,
                keys=[each.key for each in taken],
                used=[each.used for each in taken],
                most=[each.most for each in taken],
                ends_at=[datetime.fromtimestamp(each.ends_at, UTC) for each in taken],
                seconds=since,
            )
            if asked_at > self._forgot_at + FORGET_EVERY_SECONDS:
                self._forgot_at = asked_at
                await execute(connection, _FORGET)
        return [_read(row) for row in rows]


def _read(row: Row) -> Told:
    return Told(row["key"], row["used"], row["most"], row["ends_at"].timestamp())
