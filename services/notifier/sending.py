"""Sending letters: claim some, connect, check that each is still wanted, send it, settle them.

The letters of a claim share its round trips while the mail server is fast: after a moment what was
read is read anew, and outcomes are written. A slow server is handed one letter a claim.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from contracts.capabilities import HELD_DATA, MANAGE, PAGE_EMAIL, VERIFY
from services.chassis.postgres.database import PASSING_FAULTS
from services.chassis.runtime.cause import Cause, caused_by
from services.chassis.runtime.crash_points import reach
from services.chassis.text.mail_address import UnsendableAddress, wire_form
from services.notifier import claims, deliveries
from services.notifier.claims import Claim, DeliveryState
from services.notifier.domain.attempts import (
    NO_ATTENDEE,
    NOT_CONNECTED,
    Delayed,
    Failed,
    Outcome,
    Overtaken,
    Postponed,
    Sent,
    final_outcome,
)
from services.notifier.domain.delivery import LINK_KINDS, Delivery, is_overtaken
from services.notifier.domain.letters import Letter, LinkLetter
from services.notifier.domain.parties import NOBODY, Attendee
from services.notifier.letters import Urls, letter_of, stored_event
from services.notifier.mail import MailNotAccepted, SmtpConnection
from services.notifier.mail_context import MailContext
from services.notifier.rendering import render
from services.notifier.rendering.link_letter import render_link_letter
from services.notifier.settling import Attempted, settle

log = structlog.get_logger(__name__)

# For how long what was read of a booking decides; outcomes wait no longer to be written.
MOMENT_SECONDS = 0.1
MOST_LETTERS = 20


@dataclass(slots=True)
class Pace:
    """How many letters a sender claims at once: as many as it hands in within a moment."""

    letters: int = 1

    def note(self, letters: int, seconds: float) -> None:
        """Take a batch's duration into account."""
        fitting = MOST_LETTERS if seconds <= 0 else int(letters * MOMENT_SECONDS / seconds)
        # Twice as many at most: one fast letter says little.
        self.letters = max(1, min(fitting, self.letters * 2, MOST_LETTERS))


async def claim(context: MailContext, limit: int) -> list[Claim]:
    """Claim letters that are due, at most so many."""
    async with context.database.connection() as connection:
        claimed = await claims.claim(connection, context.lease, limit)
    if claimed:
        reach("notifier.intended")
    return claimed


async def send_due(context: MailContext, smtp: SmtpConnection, limit: int = 1) -> bool:
    """Claim letters that are due and send them; False when none is."""
    claimed = await claim(context, limit)
    if claimed:
        await send(context, smtp, claimed)
    return bool(claimed)


async def send(context: MailContext, smtp: SmtpConnection, claimed: Sequence[Claim]) -> bool:
    """Send the claimed letters; tell whether later letters waited behind them."""
    return await _Batch(context, smtp, {each.id: each for each in claimed}).send()


@dataclass(slots=True)
class _Batch:
    """The letters of one claim: what was read of them, and what is to be written."""

    context: MailContext
    smtp: SmtpConnection
    left: dict[UUID, Claim]
    states: dict[UUID, DeliveryState] = field(default_factory=dict)
    attempted: list[Attempted] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)
    read_at: float = field(default_factory=time.monotonic)
    has_next: bool = False
    connected: bool = False
    # The first mail over a new connection has got through.
    is_reachable: bool = False

    async def send(self) -> bool:
        self.states = {each.id: each.state for each in self.left.values()}
        for claimed in list(self.left.values()):
            if self._is_outdated():
                await self._settle()
            with caused_by(Cause(claimed.correlation_id, claimed.causation_id, "service:notifier")):
                outcome = await self._outcome(claimed)
            final = final_outcome(outcome, claimed.claimed_at, claimed.give_up_at)
            self.attempted.append(Attempted(claimed, final, claimed.now()))
            del self.left[claimed.id]
        await self._settle()
        if self.is_reachable:
            await _make_unreached_due(self.context)
        return self.has_next

    def _is_outdated(self) -> bool:
        return time.monotonic() - self.read_at > MOMENT_SECONDS

    async def _settle(self) -> None:
        attempted, self.attempted = self.attempted, []
        if attempted:
            until = self.begun + self.context.lease.total_seconds()
            self.has_next |= await settle(self.context, attempted, until=until)

    async def _outcome(self, claimed: Claim) -> Outcome:
        context, begins = self.context, time.monotonic()
        is_first = len(self.left) == len(self.states)
        if not is_first and begins + context.timeout > self.begun + context.lease.total_seconds():
            return Postponed()  # the claim may be over before the attempt is
        self.connected = False
        try:
            async with asyncio.timeout(context.timeout):
                return await self._attempt(claimed)
        except MailNotAccepted as refused:
            return refused.outcome
        except UnsendableAddress:
            return Failed("bad_address")
        except TimeoutError:
            return Delayed("interrupted" if self.connected else NOT_CONNECTED)
        except PASSING_FAULTS:
            return Delayed("database")
        except Exception:
            log.exception("letter_not_written", delivery_id=str(claimed.id))
            return Delayed("internal")

    async def _attempt(self, claimed: Claim) -> Outcome:
        context = self.context
        await self.smtp.connect()
        self.connected = True
        reach("notifier.connected")
        if self._is_outdated():
            await self._read_states()
        state = self.states[claimed.id]
        if is_overtaken(claimed.delivery, state.newest):
            return Overtaken()
        if claimed.delivery.kind in LINK_KINDS and claimed.now() >= claimed.give_up_at:
            return Overtaken()  # its link is over
        if claimed.delivery.kind == "prove_address" and state.is_erased:
            return Overtaken()  # it was withdrawn, or another link has taken its place
        attendee = state.attendee
        if attendee is None and state.is_erased and claimed.delivery.recipient == "organizer":
            attendee = NOBODY
        if attendee is None:
            return Failed(NO_ATTENDEE)
        address, mail = self._mail(claimed, state, attendee)
        if await self.smtp.send(context.sender.addr_spec, address, mail):
            self.is_reachable = True
        reach("notifier.accepted")
        return Sent()

    def _mail(self, claimed: Claim, state: DeliveryState, attendee: Attendee) -> tuple[str, bytes]:
        """Return the letter's address on the wire, and its mail."""
        sender, brand, at = self.context.sender, self.context.brand, claimed.claimed_at
        if claimed.delivery.kind in LINK_KINDS:
            link_letter = LinkLetter(
                delivery=claimed.delivery,
                address=attendee.email,
                locale=attendee.locale,
                time_zone=attendee.time_zone,
                url=self._mailed_link(claimed.delivery),
                expires_at=claimed.give_up_at,
            )
            return wire_form(attendee.email), render_link_letter(link_letter, sender, at, brand)
        letter = self._letter(claimed, state, attendee)
        mail = render(letter, sender=sender, dtstamp=at, brand=brand)
        return wire_form(letter.addressee.email), mail

    def _mailed_link(self, delivery: Delivery) -> str:
        keys, public_url = self.context.keys, self.context.public_url
        if delivery.kind == "your_data":
            return f"{public_url}/me/{keys.issue(HELD_DATA, delivery.booking_id)}"
        return f"{public_url}/organizer/page/email/{keys.issue(PAGE_EMAIL, delivery.booking_id)}"

    async def _read_states(self) -> None:
        async with self.context.database.connection() as connection:
            self.states |= await claims.states(connection, list(self.left.values()))
        self.read_at = time.monotonic()

    def _letter(self, claimed: Claim, state: DeliveryState, attendee: Attendee) -> Letter:
        keys, public_url = self.context.keys, self.context.public_url
        manage = keys.issue(MANAGE, claimed.delivery.booking_id)
        verify = keys.issue(VERIFY, claimed.delivery.booking_id)
        return letter_of(
            recipient=claimed.delivery.recipient,
            kind=claimed.delivery.kind,
            event=stored_event(claimed.delivery.kind, claimed.event),
            attendee=attendee,
            organizer=state.organizer,
            urls=Urls(manage=f"{public_url}/m/{manage}", verify=f"{public_url}/v/{verify}"),
        )


async def _make_unreached_due(context: MailContext) -> None:
    """Let the other letters be sent too, now that the server accepts mail again."""
    try:
        async with context.database.connection() as connection:
            await deliveries.make_unreached_due(connection)
    except PASSING_FAULTS as fault:
        log.warning("unreached_not_made_due", fault=repr(fault))
