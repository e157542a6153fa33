"""How often, when and for how long a private link may be used."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.booking.domain.meeting_type import rules
from services.booking.domain.refusals import Fault

LONGEST = timedelta(days=366)
MOST_USES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the organizer decides about the link's use; `max_uses` None is any number.

    `for_addressees` is whether only certain people may book with it; who they are is in no event.
    """

    max_uses: int | None
    expires_at: datetime
    not_before: datetime | None = None
    duration_minutes: int | None = None
    for_addressees: bool = False


def use_faults(limits: Limits, consumed: int = 0) -> Iterator[Fault]:
    """Yield what is wrong with the number of uses, given those that are consumed."""
    if faults := tuple(number_faults(limits.max_uses)):
        yield from faults
    elif limits.max_uses is not None and limits.max_uses <= consumed:
        yield Fault("/max_uses", "Must leave room for the uses so far; revoke the link to end it.")


def number_faults(max_uses: int | None) -> Iterator[Fault]:
    """Yield what is wrong with the number of uses, whatever the link was used for."""
    if max_uses is not None and not 1 <= max_uses <= MOST_USES:
        yield Fault("/max_uses", f"Must be from 1 to {MOST_USES}, or null for any number.")


def duration_faults(minutes: int | None) -> Iterator[Fault]:
    """Yield what is wrong with the length of the meetings that are booked with the link."""
    if minutes is not None:
        yield from rules.duration_faults(minutes)


def deadline_faults(limits: Limits, at: datetime, minimum_seconds: int) -> Iterator[Fault]:
    """Yield what is wrong with the deadline, seen from the moment at which it is set."""
    if limits.expires_at - at < timedelta(seconds=minimum_seconds):
        yield Fault("/expires_at", f"Must be at least {minimum_seconds} seconds from now.")
    if limits.expires_at - at > LONGEST:
        yield Fault("/expires_at", f"Must be at most {LONGEST.days} days from now.")


def beginning_faults(limits: Limits) -> Iterator[Fault]:
    """Yield what is wrong with the moment from which the link may be used."""
    if limits.not_before is not None and limits.not_before >= limits.expires_at:
        yield Fault("/not_before", "Must be before the link expires.")
