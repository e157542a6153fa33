"""An attempt to send a mail: its outcome, and what follows from it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.notifier.domain.delivery import Delivery

GIVE_UP_AFTER = timedelta(days=3)
# How long a letter waits for the record with the change's reason, which travels on its own topic.
RECORD_PATIENCE = timedelta(minutes=1)

FIRST_HOUR_ATTEMPTS = 120
LONGEST_IN_FIRST_HOUR = timedelta(seconds=30)
LONGEST = timedelta(minutes=5)

# The causes that the rules themselves give; the others come from the mail server.
NOT_CONNECTED = "connection"
NO_ATTENDEE = "no_attendee"
TOO_OLD = "too_old"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt to send a delivery's mail."""

    delivery: Delivery
    organizer_id: UUID
    number: int
    message_id: str


@dataclass(frozen=True, slots=True)
class Sent:
    """The mail server has accepted the mail."""


@dataclass(frozen=True, slots=True)
class Overtaken:
    """A later version of the booking has a letter of its own; this one is not sent."""


@dataclass(frozen=True, slots=True)
class Delayed:
    """The attempt failed for a cause that may pass."""

    cause: str
    smtp_code: int | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The mail will not be sent."""

    cause: str
    smtp_code: int | None = None


@dataclass(frozen=True, slots=True)
class Postponed:
    """The letter was claimed together with others and not begun; it is due at once."""


Outcome = Sent | Overtaken | Postponed | Delayed | Failed


def final_outcome(outcome: Outcome, at: datetime, give_up_at: datetime) -> Outcome:
    """Return the outcome; a delay at or past the last deadline is a failure."""
    if isinstance(outcome, Delayed) and at >= give_up_at:
        return Failed(TOO_OLD, outcome.smtp_code)
    return outcome


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: doubled each time, at first half a minute."""
    longest = LONGEST_IN_FIRST_HOUR if attempts <= FIRST_HOUR_ATTEMPTS else LONGEST
    return min(timedelta(seconds=2 ** min(attempts - 1, 16)), longest)
