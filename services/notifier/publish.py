"""What became of a mail as a contract event: pure."""

from datetime import datetime
from typing import TypedDict, assert_never
from uuid import UUID

from contracts.notifier import MailDelayed, MailFailed, MailSent, OfMail
from services.notifier.domain.attempts import (
    Attempt,
    Delayed,
    Failed,
    Outcome,
    Overtaken,
    Postponed,
    Sent,
)
from services.notifier.domain.delivery import Kind, Recipient


class _OfMail(TypedDict):
    booking_id: UUID
    organizer_id: UUID
    recipient: Recipient
    kind: Kind
    ics_sequence: int
    message_id: str
    attempt: int


def mail_event(
    outcome: Outcome, attempt: Attempt, at: datetime, next_attempt_at: datetime
) -> OfMail | None:
    """Return what subscribers hear of the attempt's outcome, None if nothing."""
    fields = _OfMail(
        booking_id=attempt.delivery.booking_id,
        organizer_id=attempt.organizer_id,
        recipient=attempt.delivery.recipient,
        kind=attempt.delivery.kind,
        ics_sequence=attempt.delivery.ics_sequence,
        message_id=attempt.message_id,
        attempt=attempt.number,
    )
    match outcome:
        case Sent():
            return MailSent(**fields, sent_at=at)
        case Delayed(cause):
            return MailDelayed(**fields, cause=cause, next_attempt_at=next_attempt_at)
        case Failed(cause):
            return MailFailed(**fields, cause=cause, failed_at=at)
        case Overtaken() | Postponed():
            return None  # the letter of the later version says more; nothing was tried
        case _:
            assert_never(outcome)
