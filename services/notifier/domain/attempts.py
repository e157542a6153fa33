"""An attempt to hand a mail in: what it came to, and what follows from that."""

from dataclasses import dataclass
from datetime import datetime, timedelta

GIVE_UP_AFTER = timedelta(days=3)

FIRST_HOUR_ATTEMPTS = 120
LONGEST_IN_FIRST_HOUR = timedelta(seconds=30)
LONGEST = timedelta(minutes=5)

# Causes that the rules themselves know; a mail server's are its own.
NOT_CONNECTED = "connection"
NO_ATTENDEE = "no_attendee"
TOO_OLD = "too_old"


@dataclass(frozen=True, slots=True)
class Sent:
    """The mail server has accepted the mail."""


@dataclass(frozen=True, slots=True)
class Overtaken:
    """A later version of the booking has its own letter; this one is not sent."""


@dataclass(frozen=True, slots=True)
class Delayed:
    """The attempt failed in a way that passes."""

    cause: str
    smtp_code: int | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The mail will not be sent."""

    cause: str
    smtp_code: int | None = None


Outcome = Sent | Overtaken | Delayed | Failed


def settled(outcome: Outcome, at: datetime, give_up_at: datetime) -> Outcome:
    """Return what the outcome comes to: a delay past the last deadline is a failure."""
    if isinstance(outcome, Delayed) and at >= give_up_at:
        return Failed(TOO_OLD, outcome.smtp_code)
    return outcome


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: doubled each time, at first half a minute."""
    longest = LONGEST_IN_FIRST_HOUR if attempts <= FIRST_HOUR_ATTEMPTS else LONGEST
    return min(timedelta(seconds=2 ** min(attempts - 1, 16)), longest)
