"""How often and how long a private link may be used."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.booking.domain.refusals import Fault
from services.booking.domain.text import line_faults

LONGEST = timedelta(days=366)
MOST_USES = 10_000
LONGEST_LABEL = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the organizer decides about the link; `max_uses` None is any number."""

    max_uses: int | None
    expires_at: datetime
    label: str = ""


def use_faults(limits: Limits, consumed: int = 0, held: int = 0) -> Iterator[Fault]:
    """Yield what is wrong with the label and the number of uses, given those that are gone."""
    yield from line_faults("/label", limits.label, LONGEST_LABEL, needed=False)
    if faults := tuple(number_faults(limits.max_uses)):
        yield from faults
    elif limits.max_uses is not None and limits.max_uses < consumed + max(1, held):
        yield Fault("/max_uses", "Must leave room for the uses so far; revoke the link to end it.")


def number_faults(max_uses: int | None) -> Iterator[Fault]:
    """Yield what is wrong with the number of uses, whatever the link was used for."""
    if max_uses is not None and not 1 <= max_uses <= MOST_USES:
        yield Fault("/max_uses", f"Must be from 1 to {MOST_USES}, or null for any number.")


def deadline_faults(limits: Limits, at: datetime, minimum_seconds: int) -> Iterator[Fault]:
    """Yield what is wrong with the deadline, seen from the moment at which it is set."""
    if limits.expires_at - at < timedelta(seconds=minimum_seconds):
        yield Fault("/expires_at", f"Must be at least {minimum_seconds} seconds from now.")
    if limits.expires_at - at > LONGEST:
        yield Fault("/expires_at", f"Must be at most {LONGEST.days} days from now.")
