"""The worker that reads calendars when they are due: each by one process at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import structlog
from prometheus_client import Counter, Gauge

from services.availability.calendars import records
from services.availability.calendars.keeping import keep_broken, keep_changes, window_of
from services.availability.calendars.port import (
    Adapters,
    Broken,
    CalendarKind,
    Changes,
    ComeAgain,
    Connected,
    ReadAgain,
    Window,
)
from services.availability.calendars.records import CalendarRow
from services.availability.calendars.sealing import Access, Sealed, connected
from services.chassis.events.retries import run_with_retries
from services.chassis.ids import new_id
from services.chassis.postgres.database import PASSING_FAULTS, Connection, Database
from services.chassis.postgres.signals import wait_for

log = structlog.get_logger(__name__)

READERS = 8
POLL_SECONDS = 1.0
# A reading is given up before its lease ends, so that no two read one calendar.
READ_SECONDS, LEASE_SECONDS = 60.0, 90.0
READ = Counter("bookwith_calendar_readings_total", "Readings of calendars", ["kind", "outcome"])
READING = Gauge("bookwith_calendars_being_read", "Calendars that are being read")


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarContext:
    """What reading calendars needs."""

    database: Database
    sealed: Sealed
    adapters: Adapters
    notify_relay: Callable[[], None]
    seconds: float
    fresh_seconds: float

    async def read(self, row: CalendarRow, access: Access) -> tuple[Changes, Window]:
        """Return what the calendar says; raise Broken, ComeAgain, ReadAgain."""
        window = window_of(row, datetime.now(UTC))
        anew = row.window_end != window.end
        calendar = connected(row, access, anew=anew)
        return await self.ask(row.kind, calendar, window), window

    async def ask(self, kind: CalendarKind, calendar: Connected, window: Window) -> Changes:
        """Return what the adapter says, in time; raise as it does."""
        adapter = self.adapters.get(kind)
        if adapter is None:  # it was connected by another deployment's settings
            raise Broken("forbidden", "this deployment does not read such calendars")
        try:
            async with asyncio.timeout(READ_SECONDS):
                with READING.track_inprogress():
                    return await adapter.reader.read(calendar, window)
        except TimeoutError:
            raise Broken("unreachable", "it took too long") from None
        except (Broken, ComeAgain, ReadAgain):
            raise
        except Exception as fault:  # whatever a calendar says, the others are read
            log.exception("calendar_fault", calendar_id=str(calendar.id), kind=kind)
            raise Broken("unreadable", type(fault).__name__) from fault

    async def keep(
        self, connection: Connection, row: CalendarRow, access: Access, read: tuple[Changes, Window]
    ) -> None:
        """Keep what was read."""
        changes, window = read
        await keep_changes(
            connection,
            row,
            changes,
            window=window,
            sealed=self.sealed,
            access=access,
            seconds=self.seconds,
            fresh=self.fresh_seconds,
        )


class Sync:
    """Reads the calendars that are due, several at once."""

    def __init__(self, context: CalendarContext) -> None:
        self._context = context
        self._reading: set[asyncio.Task[None]] = set()
        self._freed = asyncio.Event()  # set whenever one more can be read

    async def run(self) -> None:
        """Read for ever."""
        try:
            while True:
                try:
                    await self._take_due()
                except PASSING_FAULTS as fault:
                    log.warning("calendars_not_read", fault=type(fault).__name__)
                await wait_for(self._freed, POLL_SECONDS)
        finally:
            for task in self._reading:
                task.cancel()
            await asyncio.gather(*self._reading, return_exceptions=True)

    async def _take_due(self) -> None:
        """Claim what is due, as much as can be read at once."""
        free = READERS - len(self._reading)
        if free == 0:
            return
        lease = new_id()
        async with self._context.database.transaction() as connection:
            claimed = await records.claim(connection, lease, seconds=LEASE_SECONDS, limit=free)
        for row in claimed:
            task = asyncio.create_task(self._read_one(row, lease))
            self._reading.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._reading.discard(task)
        self._freed.set()

    async def _read_one(self, row: CalendarRow, lease: UUID) -> None:
        try:
            await self._read(row, lease)
        except PASSING_FAULTS as fault:  # it is due again when the lease ends
            log.warning("calendars_not_read", fault=type(fault).__name__)

    async def _read(self, row: CalendarRow, lease: UUID) -> None:
        context = self._context
        try:
            access = context.sealed.unseal(row)
            read = await context.read(row, access)
        except Broken as fault:
            await self._keep(row, lease, partial(keep_broken, row=row, reason=fault.reason))
            log.info("calendar_broken", calendar_id=str(row.id), kind=row.kind, reason=fault.reason)
            READ.labels(row.kind, fault.reason).inc()
        except ComeAgain as asked:
            wait = partial(records.wait, id_=row.id, again=max(asked.seconds, 1.0))
            await self._keep(row, lease, wait)
            READ.labels(row.kind, "asked_to_wait").inc()
        except ReadAgain:
            await self._keep(row, lease, partial(records.start_again, id_=row.id))
            READ.labels(row.kind, "all_again").inc()
        else:
            await self._keep(row, lease, partial(context.keep, row=row, access=access, read=read))
            READ.labels(row.kind, "read").inc()

    async def _keep(
        self, row: CalendarRow, lease: UUID, work: Callable[[Connection], Awaitable[None]]
    ) -> None:
        async def write(connection: Connection) -> None:
            if await records.is_mine(connection, row.id, lease):
                await work(connection)

        await run_with_retries(self._context.database, write)
        self._context.notify_relay()
