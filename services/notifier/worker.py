"""The mail worker: several senders side by side, each taking the next letter that is due."""

import asyncio
from collections.abc import Callable

import structlog
from prometheus_client import Gauge

from services.chassis.postgres.database import PASSING_FAULTS
from services.chassis.postgres.signals import Signals, wait_for
from services.notifier import store
from services.notifier.handlers import MAIL, Office, send_next
from services.notifier.mail import Line

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.5
COUNT_EVERY_SECONDS = 5.0

UNFINISHED = Gauge("bookwith_letters_unfinished", "Letters that have not left", ["kind", "state"])


class Worker:
    """Sends what is owed; several processes share the rows."""

    def __init__(
        self, office: Office, signals: Signals, new_line: Callable[[], Line], *, senders: int
    ) -> None:
        self._office = office
        self._signals = signals
        self._new_line = new_line
        self._senders = senders

    async def run(self) -> None:
        """Send until cancelled; a mail in hand is finished first."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._senders):
                group.create_task(self._send())
            group.create_task(self._count())

    async def _send(self) -> None:
        line = self._new_line()
        with self._signals.listening(MAIL) as woken:
            while not _asked_to_stop():
                try:
                    if not await self._finished(line):
                        await line.hang_up()
                        await wait_for(woken, POLL_SECONDS)
                except PASSING_FAULTS as fault:
                    log.warning("sender_interrupted", fault=repr(fault))
                    await asyncio.sleep(POLL_SECONDS)

    async def _finished(self, line: Line) -> bool:
        """Send one letter; cut off in the middle of it, nobody would know whether it is sent."""
        sending = asyncio.ensure_future(send_next(self._office, line))
        try:
            return await asyncio.shield(sending)
        except asyncio.CancelledError:
            await asyncio.gather(sending, return_exceptions=True)
            await line.hang_up()
            raise

    async def _count(self) -> None:
        while not _asked_to_stop():
            try:
                async with self._office.database.connection() as connection:
                    counted = await store.unfinished(connection)
            except PASSING_FAULTS as fault:
                log.warning("letters_not_counted", fault=repr(fault))
            else:
                UNFINISHED.clear()
                for row in counted:
                    UNFINISHED.labels(row["kind"], row["state"]).set(row["letters"])
            await asyncio.sleep(COUNT_EVERY_SECONDS)


def _asked_to_stop() -> bool:
    """Tell whether this task was cancelled, also where the cancel itself got lost.

    asyncio.wait_for, which aiosmtplib stands on, loses one that comes together with the answer on
    Python 3.11.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
