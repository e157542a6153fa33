"""The mail worker: several senders side by side, each taking the next letter that is due."""

import asyncio
from collections.abc import Callable
from typing import get_args

import structlog
from prometheus_client import Gauge

from services.chassis.postgres.database import PASSING_FAULTS
from services.chassis.postgres.signals import Signals, wait_for
from services.notifier import deliveries
from services.notifier.deliveries import MAIL
from services.notifier.domain.delivery import Kind
from services.notifier.mail import SmtpConnection
from services.notifier.sending import MailContext, send_next

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.5
COUNT_EVERY_SECONDS = 5.0

UNFINISHED_STATES = ("waiting", "sending", "retrying")
UNFINISHED = Gauge(
    "bookwith_letters_unfinished", "Letters that are not sent yet", ["kind", "state"]
)


def _start_at_zero() -> None:
    for kind in get_args(Kind):
        for state in UNFINISHED_STATES:
            UNFINISHED.labels(kind, state).set(0)


_start_at_zero()


class Worker:
    """Sends the deliveries that are due; several processes share the queue."""

    def __init__(
        self,
        context: MailContext,
        signals: Signals,
        new_smtp: Callable[[], SmtpConnection],
        *,
        senders: int,
    ) -> None:
        self._context = context
        self._signals = signals
        self._new_smtp = new_smtp
        self._senders = senders

    async def run(self) -> None:
        """Send until cancelled; a mail in hand is finished first."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._senders):
                group.create_task(self._send())
            group.create_task(self._count())

    async def _send(self) -> None:
        smtp = self._new_smtp()
        with self._signals.listening(MAIL) as woken:
            while not _asked_to_stop():
                try:
                    if not await self._send_one(smtp):
                        await smtp.quit()
                        await wait_for(woken, POLL_SECONDS)
                except PASSING_FAULTS as fault:
                    log.warning("sender_interrupted", fault=repr(fault))
                    await asyncio.sleep(POLL_SECONDS)

    async def _send_one(self, smtp: SmtpConnection) -> bool:
        """Send one letter to the end: one cut off in the middle may be sent or not."""
        sending = asyncio.ensure_future(send_next(self._context, smtp))
        try:
            return await asyncio.shield(sending)
        except asyncio.CancelledError:
            await asyncio.gather(sending, return_exceptions=True)
            await smtp.quit()
            raise

    async def _count(self) -> None:
        while not _asked_to_stop():
            try:
                async with self._context.database.connection() as connection:
                    counted = await deliveries.unfinished(connection)
            except PASSING_FAULTS as fault:
                log.warning("letters_not_counted", fault=repr(fault))
            else:
                _start_at_zero()
                for count in counted:
                    UNFINISHED.labels(count.kind, count.status).set(count.letters)
            await asyncio.sleep(COUNT_EVERY_SECONDS)


def _asked_to_stop() -> bool:
    """Tell whether this task was cancelled, even when the cancel itself was lost.

    On Python 3.11 asyncio.wait_for, which aiosmtplib uses, loses one that comes together with the
    result.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
