"""Sending a letter: claim, connect, check that it is still wanted, send, settle."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email.headerregistry import Address
from typing import get_args

import structlog
from prometheus_client import Counter, Histogram

from contracts.capabilities import MANAGE
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.messaging import outbox
from services.chassis.postgres.database import PASSING_FAULTS, Database, run_all
from services.chassis.runtime.cause import Cause, caused_by
from services.chassis.runtime.crash_points import reach
from services.chassis.text.mail_address import UnsendableAddress, wire_form
from services.notifier import deliveries, queries
from services.notifier.deliveries import Claim
from services.notifier.domain.attempts import (
    NO_ATTENDEE,
    NOT_CONNECTED,
    Attempt,
    Delayed,
    Failed,
    Outcome,
    Overtaken,
    Sent,
    final_outcome,
)
from services.notifier.domain.delivery import Kind, is_overtaken, message_id
from services.notifier.domain.letters import Letter
from services.notifier.domain.parties import Attendee, Organizer
from services.notifier.letters import letter_of, stored_event
from services.notifier.mail import MailNotAccepted, SmtpConnection
from services.notifier.publish import mail_event
from services.notifier.queries import DeliveryState
from services.notifier.rendering import render

log = structlog.get_logger(__name__)

# How much longer than an attempt a claim lasts: enough to settle it.
LEASE_RESERVE_SECONDS = 5.0
SETTLE_PAUSE_SECONDS = 0.2

SETTLED = Counter(
    "bookwith_mail_attempts_total",
    "Attempts to send a letter",
    ["kind", "outcome"],
)  # outcome: sent | overtaken | delayed | failed
for _kind in get_args(Kind):
    for _outcome in ("sent", "overtaken", "delayed", "failed"):
        SETTLED.labels(_kind, _outcome)
MAIL_SECONDS = Histogram(
    "bookwith_mail_seconds",
    "From the event about a booking to the mail server's acceptance",
    ["kind"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600, 86400),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailContext:
    """What letters are sent with."""

    database: Database
    keys: KeyRing
    public_url: str
    sender: Address
    timeout: float
    notify_relay: Callable[[], None]

    @property
    def lease(self) -> timedelta:
        """Return after what time another process may take over a claim."""
        return timedelta(seconds=self.timeout + LEASE_RESERVE_SECONDS)


async def send_next(context: MailContext, smtp: SmtpConnection) -> bool:
    """Send the next letter that is due; False when none is."""
    async with context.database.connection() as connection:
        claim = await deliveries.claim(connection, context.lease)
    if claim is None:
        return False
    reach("notifier.intended")
    lease_over = time.monotonic() + context.lease.total_seconds()
    with caused_by(Cause(claim.correlation_id, claim.causation_id, "service:notifier")):
        outcome = final_outcome(
            await _attempt(context, smtp, claim), claim.claimed_at, claim.give_up_at
        )
        await _settle(context, claim, outcome, until=lease_over)
    return True


async def _attempt(context: MailContext, smtp: SmtpConnection, claim: Claim) -> Outcome:
    connected = False
    try:
        async with asyncio.timeout(context.timeout):
            await smtp.connect()
            connected = True
            reach("notifier.connected")
            state = await _state(context, claim)
            if is_overtaken(claim.delivery, state.ics_sequence, state.cancelled):
                return Overtaken()
            if state.attendee is None:
                return Failed(NO_ATTENDEE)
            letter = _letter(context, claim, state.attendee, state.organizer)
            mail = render(letter, sender=context.sender, dtstamp=claim.claimed_at)
            address = wire_form(letter.addressee.email)
            is_first = await smtp.send(context.sender.addr_spec, address, mail)
            reach("notifier.accepted")
    except MailNotAccepted as refused:
        return refused.outcome
    except UnsendableAddress:
        return Failed("bad_address")
    except TimeoutError:
        return Delayed("interrupted" if connected else NOT_CONNECTED)
    except PASSING_FAULTS:
        return Delayed("database")
    except Exception:
        log.exception("letter_not_written", delivery_id=str(claim.id))
        return Delayed("internal")
    if is_first:
        await _make_unreached_due(context)
    return Sent()


async def _state(context: MailContext, claim: Claim) -> DeliveryState:
    async with context.database.connection() as connection:
        return await queries.delivery_state(
            connection,
            booking_id=claim.delivery.booking_id,
            organizer_id=claim.organizer_id,
            attendee_id=claim.attendee_id,
            correlation_id=claim.correlation_id,
        )


def _letter(context: MailContext, claim: Claim, attendee: Attendee, organizer: Organizer) -> Letter:
    token = context.keys.issue(MANAGE, claim.delivery.booking_id)
    return letter_of(
        recipient=claim.delivery.recipient,
        kind=claim.delivery.kind,
        event=stored_event(claim.delivery.kind, claim.event),
        attendee=attendee,
        organizer=organizer,
        manage_url=f"{context.public_url}/m/{token}",
    )


async def _make_unreached_due(context: MailContext) -> None:
    """Let the other letters be sent too, now that the server accepts mail again."""
    try:
        async with context.database.connection() as connection:
            await deliveries.make_unreached_due(connection)
    except PASSING_FAULTS as fault:
        log.warning("unreached_not_made_due", fault=repr(fault))


async def _settle(context: MailContext, claim: Claim, outcome: Outcome, *, until: float) -> None:
    """Write the outcome down, waiting for the database while the claim lasts."""
    while True:
        try:
            settled = await _write(context, claim, outcome)
        except PASSING_FAULTS as fault:
            if time.monotonic() > until:
                raise
            log.warning("letter_not_settled", fault=repr(fault))
            await asyncio.sleep(SETTLE_PAUSE_SECONDS)
        else:
            break
    reach("notifier.marked")
    name = type(outcome).__name__.lower()
    if not settled:
        log.warning("claim_lost", delivery_id=str(claim.id), outcome=name)
        return
    context.notify_relay()
    SETTLED.labels(claim.delivery.kind, name).inc()
    if isinstance(outcome, Delayed | Failed):
        log.warning(
            "letter_not_sent",
            delivery_id=str(claim.id),
            outcome=name,
            cause=outcome.cause,
            smtp_code=outcome.smtp_code,
        )


async def _write(context: MailContext, claim: Claim, outcome: Outcome) -> bool:
    """Settle the claim and stage what subscribers hear; False if the claim is lost."""
    attempt = Attempt(
        delivery=claim.delivery,
        organizer_id=claim.organizer_id,
        number=claim.attempt,
        message_id=message_id(claim.delivery, context.sender.domain),
    )
    async with context.database.transaction() as connection:
        at = await deliveries.now(connection)
        next_attempt_at = await deliveries.settle(
            connection, claim, outcome, attempt.message_id, at
        )
        if next_attempt_at is None:
            return False
        event = mail_event(outcome, attempt, at, next_attempt_at)
        # A delay is published once for each cause, not at each attempt.
        if event is not None and not _is_published(claim, outcome):
            await run_all(connection, [outbox.message(event, at=at)])
    if isinstance(outcome, Sent):
        waited = at - claim.created_at
        MAIL_SECONDS.labels(claim.delivery.kind).observe(waited.total_seconds())
    return True


def _is_published(claim: Claim, outcome: Outcome) -> bool:
    return isinstance(outcome, Delayed) and outcome.cause == claim.last_error
