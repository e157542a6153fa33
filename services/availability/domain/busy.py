"""An organizer's busy times: what their bookings and holds take, with the time around them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.availability.domain.intervals import MINUTE, Interval, merge, micros


@dataclass(frozen=True, slots=True)
class Buffers:
    """The minutes that a meeting type keeps free before and after its meetings."""

    before: int = 0
    after: int = 0


NO_BUFFERS = Buffers()


@dataclass(frozen=True, slots=True)
class Claim:
    """A time that a booking takes: for good, or as a hold until `expires_at`."""

    booking_id: UUID
    start: datetime
    end: datetime
    expires_at: datetime | None = None
    buffers: Buffers = NO_BUFFERS
    is_of_type: bool = False  # a booking of the type that is asked about

    def is_live(self, now: datetime) -> bool:
        """Tell whether it takes the time at that moment: a hold that is over takes nothing."""
        return self.expires_at is None or self.expires_at > now


def busy_times(
    claims: Iterable[Claim],
    now: datetime,
    own: UUID | None = None,
    buffers: Buffers = NO_BUFFERS,
    calendar: Sequence[Interval] = (),
) -> list[Interval]:
    """Return the times that a meeting with these buffers must not touch, in order.

    Between two meetings the larger of the two gaps counts; they are not added. A hold that is over
    and the own booking take nothing. What the organizer's calendars take has no buffers of its own.
    """
    taken = [
        (
            micros(claim.start) - max(claim.buffers.before, buffers.after) * MINUTE,
            micros(claim.end) + max(claim.buffers.after, buffers.before) * MINUTE,
        )
        for claim in claims
        if claim.booking_id != own and claim.is_live(now)
    ]
    before, after = buffers.after * MINUTE, buffers.before * MINUTE
    # What meets once it is widened is one before: few are left to be widened.
    busy = merge(calendar, before + after)
    if before or after:
        busy = [(begin - before, end + after) for begin, end in busy]
    return merge([*busy, *taken]) if taken else busy
