"""Sending a letter: claim, connect, look once more whether it is still wanted, hand in, settle."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email.headerregistry import Address
from typing import Any

import structlog
from prometheus_client import Counter, Histogram

from contracts.capabilities import MANAGE
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.messaging import outbox
from services.chassis.postgres.database import PASSING_FAULTS, Database, run_all
from services.chassis.runtime.cause import Cause, caused_by
from services.chassis.runtime.crash_points import reach
from services.chassis.web.plain_text import UnsendableAddress, mail_address
from services.notifier import queries, store
from services.notifier.domain.attempts import (
    NO_ATTENDEE,
    NOT_CONNECTED,
    Delayed,
    Failed,
    Outcome,
    Overtaken,
    Sent,
    settled,
)
from services.notifier.domain.delivery import message_id, overtaken
from services.notifier.domain.letters import Letter
from services.notifier.mail import Line, NotHandedIn
from services.notifier.queries import Standing
from services.notifier.rendering import render
from services.notifier.store import Claim
from services.notifier.translate import letter, stored, told

log = structlog.get_logger(__name__)

# The signal that there may be letters to send.
MAIL = "mail"

# How much longer than an attempt a claim lasts: enough to settle it.
LEASE_RESERVE_SECONDS = 5.0

SETTLED = Counter(
    "bookwith_mail_attempts_total",
    "Attempts to send a letter",
    ["kind", "outcome"],
)  # outcome: sent | overtaken | delayed | failed
MAIL_SECONDS = Histogram(
    "bookwith_mail_seconds",
    "From the event about a booking to the mail server's acceptance",
    ["kind"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600, 86400),
)


@dataclass(frozen=True, slots=True)
class Office:
    """What letters are sent with."""

    database: Database
    keys: KeyRing
    public_url: str
    sender: Address
    timeout: float
    announced: Callable[[], None]

    @property
    def lease(self) -> timedelta:
        """Return after what time a claim is another's to take."""
        return timedelta(seconds=self.timeout + LEASE_RESERVE_SECONDS)


async def send_next(office: Office, line: Line) -> bool:
    """Send the next letter that is due; False when none is."""
    async with office.database.connection() as connection:
        claimed = await store.claim(connection, office.lease)
    if claimed is None:
        return False
    reach("notifier.intended")
    lease_over = time.monotonic() + office.lease.total_seconds()
    with caused_by(Cause(claimed.correlation_id, claimed.causation_id, "service:notifier")):
        outcome = settled(
            await _attempt(office, line, claimed), claimed.claimed_at, claimed.give_up_at
        )
        await _settle(office, claimed, outcome, until=lease_over)
    return True


async def _attempt(office: Office, line: Line, claimed: Claim) -> Outcome:
    connected = False
    try:
        async with asyncio.timeout(office.timeout):
            await line.connect()
            connected = True
            reach("notifier.connected")
            standing = await _standing(office, claimed)
            if overtaken(claimed.delivery, standing.ics_sequence, standing.cancelled):
                return Overtaken()
            if standing.attendee is None:
                return Failed(NO_ATTENDEE)
            written = _letter(office, claimed, standing)
            mail = render(written, sender=office.sender, dtstamp=claimed.claimed_at)
            address = mail_address(written.addressee.email)
            first = await line.hand_in(office.sender.addr_spec, address, mail)
            reach("notifier.accepted")
    except NotHandedIn as refused:
        return refused.outcome
    except UnsendableAddress:
        return Failed("bad_address")
    except TimeoutError:
        return Delayed("interrupted" if connected else NOT_CONNECTED)
    except PASSING_FAULTS:
        return Delayed("database")
    except Exception:
        log.exception("letter_not_written", delivery_id=str(claimed.id))
        return Delayed("internal")
    if first:
        await _revive(office)
    return Sent()


async def _standing(office: Office, claimed: Claim) -> Standing:
    async with office.database.connection() as connection:
        return await queries.standing(
            connection,
            booking_id=claimed.delivery.booking_id,
            organizer_id=claimed.organizer_id,
            attendee_id=claimed.attendee_id,
            correlation_id=claimed.correlation_id,
        )


def _letter(office: Office, claimed: Claim, standing: Standing) -> Letter:
    assert standing.attendee is not None
    token = office.keys.issue(MANAGE, claimed.delivery.booking_id)
    return letter(
        claimed.delivery.recipient,
        claimed.delivery.kind,
        stored(claimed.delivery.kind, claimed.event),
        standing.attendee,
        standing.organizer,
        f"{office.public_url}/m/{token}",
    )


async def _revive(office: Office) -> None:
    """Let the others go too, now that the server takes mail again."""
    try:
        async with office.database.connection() as connection:
            await store.revive(connection)
    except PASSING_FAULTS as fault:
        log.warning("others_not_revived", fault=repr(fault))


async def _settle(office: Office, claimed: Claim, outcome: Outcome, *, until: float) -> None:
    """Write down what happened, waiting for the database while the claim lasts."""
    while True:
        try:
            kept = await _write(office, claimed, outcome)
        except PASSING_FAULTS as fault:
            if time.monotonic() > until:
                raise
            log.warning("letter_not_settled", fault=repr(fault))
            await asyncio.sleep(0.2)
        else:
            break
    reach("notifier.marked")
    name = type(outcome).__name__.lower()
    if not kept:
        log.warning("claim_lost", delivery_id=str(claimed.id), outcome=name)
        return
    office.announced()
    SETTLED.labels(claimed.delivery.kind, name).inc()
    if isinstance(outcome, Delayed | Failed):
        log.warning(
            "letter_not_sent",
            delivery_id=str(claimed.id),
            outcome=name,
            cause=outcome.cause,
            smtp_code=outcome.smtp_code,
        )


async def _write(office: Office, claimed: Claim, outcome: Outcome) -> bool:
    """Settle the claim and stage what subscribers hear; False if the claim is lost."""
    named = message_id(
        claimed.delivery.booking_id,
        claimed.delivery.ics_sequence,
        claimed.delivery.recipient,
        claimed.delivery.kind,
        office.sender.domain,
    )
    async with office.database.transaction() as connection:
        at = await store.now(connection)
        next_attempt_at = await store.settle(connection, claimed, outcome, named, at)
        if next_attempt_at is None:
            return False
        about = {**_about(claimed), "message_id": named}
        event = told(outcome, about, at, next_attempt_at)
        # One delay is news; that it goes on for the same cause is not.
        if event is not None and not _known_already(claimed, outcome):
            await run_all(connection, [outbox.message(event, at=at)])
    if isinstance(outcome, Sent):
        waited = at - claimed.created_at
        MAIL_SECONDS.labels(claimed.delivery.kind).observe(waited.total_seconds())
    return True


def _known_already(claimed: Claim, outcome: Outcome) -> bool:
    return isinstance(outcome, Delayed) and outcome.cause == claimed.last_error


def _about(claimed: Claim) -> dict[str, Any]:
    return {
        "booking_id": claimed.delivery.booking_id,
        "organizer_id": claimed.organizer_id,
        "recipient": claimed.delivery.recipient,
        "kind": claimed.delivery.kind,
        "ics_sequence": claimed.delivery.ics_sequence,
        "attempt": claimed.attempt,
    }
