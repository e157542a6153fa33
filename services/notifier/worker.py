"""The mail worker: several senders side by side, each taking the next letter that is due."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import get_args

import structlog
from prometheus_client import Gauge

from services.chassis.postgres.database import PASSING_FAULTS
from services.chassis.postgres.signals import Signals, wait_for
from services.notifier import deliveries
from services.notifier.deliveries import MAIL
from services.notifier.domain.delivery import Kind
from services.notifier.mail import IDLE_SECONDS, SmtpConnection
from services.notifier.mail_context import MailContext
from services.notifier.sending import Pace, claim, send

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
    """Sends the deliveries that are due; several processes share the queue.

    One sender at a time waits for letters and claims some; the next one waits while it sends.
    """

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
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """Send until cancelled; a mail in hand is finished first."""
        with self._signals.listening(MAIL) as woken:
            woken.set()
            async with asyncio.TaskGroup() as group:
                for _ in range(self._senders):
                    group.create_task(self._send(woken))
                group.create_task(self._count())

    async def _send(self, woken: asyncio.Event) -> None:
        smtp, pace = self._new_smtp(), Pace()
        try:
            while not _asked_to_stop():
                try:
                    if pause := smtp.seconds_until_open:
                        await asyncio.sleep(pause)
                    elif await self._take_turn(smtp, woken):
                        await self._to_the_end(self._claim_and_send(smtp, pace, woken))
                        await smtp.quit_if_idle()
                except PASSING_FAULTS as fault:
                    log.warning("sender_interrupted", fault=repr(fault))
                    await asyncio.sleep(POLL_SECONDS)
        finally:
            await smtp.quit()

    async def _take_turn(self, smtp: SmtpConnection, woken: asyncio.Event) -> bool:
        """Wait for the turn and for letters; False when the turn did not come for long."""
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                await self._turn.acquire()
        except TimeoutError:
            await smtp.quit_if_idle()
            return False
        try:
            await wait_for(woken, POLL_SECONDS)
        except BaseException:
            self._turn.release()
            raise
        return True

    async def _claim_and_send(self, smtp: SmtpConnection, pace: Pace, woken: asyncio.Event) -> None:
        """Claim letters, leave the turn to the next sender, send them."""
        limit = pace.letters
        try:
            claimed = await claim(self._context, limit)
            if len(claimed) == limit:
                woken.set()  # there may be more
        finally:
            self._turn.release()
        if not claimed:
            return
        begun = time.monotonic()
        if await send(self._context, smtp, claimed):
            woken.set()  # a letter that stood behind one of these may be sent now
        pace.note(len(claimed), time.monotonic() - begun)

    async def _to_the_end(self, work: Coroutine[None, None, None]) -> None:
        """Do the work to its end: a letter cut off in the middle may be sent or not."""
        sending = asyncio.ensure_future(work)
        try:
            await asyncio.shield(sending)
        except asyncio.CancelledError:
            await asyncio.gather(sending, return_exceptions=True)
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
