"""An organizer's busy times: what their bookings and holds take."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.availability.domain.intervals import Interval, merge, micros


@dataclass(frozen=True, slots=True)
class Claim:
    """A time that a booking takes: for good, or as a hold until `expires_at`."""

    booking_id: UUID
    start: datetime
    end: datetime
    expires_at: datetime | None = None


def busy_times(claims: Iterable[Claim], now: datetime, own: UUID | None = None) -> list[Interval]:
    """Return the busy times in order; a hold that is over and the own booking take nothing."""
    return merge(
        (micros(claim.start), micros(claim.end))
        for claim in claims
        if claim.booking_id != own and (claim.expires_at is None or claim.expires_at > now)
    )
