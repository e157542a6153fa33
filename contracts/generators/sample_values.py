"""The moments and ids that the samples of events have in common, the same on every run."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
START = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
MOVED = datetime(2026, 3, 6, 13, 30, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)


def sample_id(number: int) -> UUID:
    """Return a UUIDv7 that is easy to tell from a real one."""
    return UUID(f"01960000-0000-7000-8000-{number:012d}")


ORGANIZER = UUID("5a0d2a4e-6f1c-5c39-9b4f-7d1e1c3a9b10")  # a UUIDv5, as people's ids are
MEETING_TYPE, LINK, BOOKING, ATTENDEE = (sample_id(number) for number in (1, 2, 3, 4))
OFFER = sample_id(5)
CALENDAR = sample_id(6)
