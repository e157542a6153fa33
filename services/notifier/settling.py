"""Settling: the outcomes of attempts are written and published, all in one round trip."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never, get_args

import structlog
from prometheus_client import Counter, Histogram

from services.chassis.messaging import outbox
from services.chassis.postgres.database import PASSING_FAULTS
from services.chassis.runtime.cause import Cause, caused_by
from services.chassis.runtime.crash_points import reach
from services.notifier import claims
from services.notifier.claims import Claim, Settlement
from services.notifier.domain.attempts import (
    Attempt,
    Delayed,
    Failed,
    Outcome,
    Overtaken,
    Postponed,
    Sent,
    pause_after,
)
from services.notifier.domain.delivery import DeliveryStatus, Kind, message_id
from services.notifier.mail_context import MailContext
from services.notifier.publish import mail_event

log = structlog.get_logger(__name__)

SETTLE_PAUSE_SECONDS = 0.2

SETTLED = Counter(
    "bookwith_mail_attempts_total",
    "Attempts to send a letter",
    ["kind", "outcome"],
)  # outcome: sent | overtaken | postponed | delayed | failed
for _kind in get_args(Kind):
    for _outcome in ("sent", "overtaken", "postponed", "delayed", "failed"):
        SETTLED.labels(_kind, _outcome)
MAIL_SECONDS = Histogram(
    "bookwith_mail_seconds",
    "From the event about a booking to the mail server's acceptance",
    ["kind"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600, 86400),
)


@dataclass(frozen=True, slots=True)
class Attempted:
    """A claimed letter and what became of it, at the moment at which it did."""

    claim: Claim
    outcome: Outcome
    at: datetime


async def settle(context: MailContext, attempted: Sequence[Attempted], *, until: float) -> bool:
    """Write the outcomes down, waiting for the database while the claim lasts.

    Tell whether a later letter stands behind one of them.
    """
    settlements = [_settlement(context, each) for each in attempted]
    while True:
        try:
            async with context.database.connection() as connection:
                held = await claims.settle(connection, settlements)
        except PASSING_FAULTS as fault:
            if time.monotonic() > until:
                raise
            log.warning("letters_not_settled", fault=repr(fault))
            await asyncio.sleep(SETTLE_PAUSE_SECONDS)
        else:
            break
    reach("notifier.marked")
    if held:
        context.notify_relay()
    for each in attempted:
        _report(each, held=each.claim.id in held)
    return any(held.values())


def _settlement(context: MailContext, attempted: Attempted) -> Settlement:
    claim, outcome, at = attempted.claim, attempted.outcome, attempted.at
    state, cause, code = _columns(outcome)
    due = at + pause_after(claim.attempt) if isinstance(outcome, Delayed) else at
    attempt = Attempt(
        delivery=claim.delivery,
        organizer_id=claim.organizer_id,
        number=claim.attempt,
        message_id=message_id(claim.delivery, context.sender.domain),
    )
    event = mail_event(outcome, attempt, at, due)
    # A delay is published once for each cause, not at each attempt.
    if isinstance(outcome, Delayed) and outcome.cause == claim.last_error:
        event = None
    with caused_by(Cause(claim.correlation_id, claim.causation_id, "service:notifier")):
        staged = outbox.message(event, at=at).values if event is not None else None
    return Settlement(
        claim=claim,
        state=state,
        due=due,
        cause=cause,
        code=code,
        message_id=attempt.message_id,
        sent_at=at if state == "sent" else None,
        staged=staged,
    )


def _columns(outcome: Outcome) -> tuple[DeliveryStatus, str | None, int | None]:
    match outcome:
        case Sent():
            return "sent", None, None
        case Overtaken():
            return "overtaken", None, None
        case Postponed():
            return "retrying", None, None
        case Delayed(cause, code):
            return "retrying", cause, code
        case Failed(cause, code):
            return "failed", cause, code
        case _:
            assert_never(outcome)


def _report(attempted: Attempted, *, held: bool) -> None:
    claim, outcome = attempted.claim, attempted.outcome
    name = type(outcome).__name__.lower()
    if not held:
        log.warning("claim_lost", delivery_id=str(claim.id), outcome=name)
        return
    SETTLED.labels(claim.delivery.kind, name).inc()
    if isinstance(outcome, Sent):
        waited = attempted.at - claim.created_at
        MAIL_SECONDS.labels(claim.delivery.kind).observe(waited.total_seconds())
    if isinstance(outcome, Delayed | Failed):
        log.warning(
            "letter_not_sent",
            delivery_id=str(claim.id),
            outcome=name,
            cause=outcome.cause,
            smtp_code=outcome.smtp_code,
        )
