"""Instants in requests: RFC 3339 and nothing else, since every other form is read differently."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator

EXAMPLE = "2027-01-11T09:00:00Z"
_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def instant_of(text: str) -> datetime | None:
    """Return the instant in UTC; None for what is no RFC 3339 instant between 2000 and 2200."""
    if not _RFC3339.fullmatch(text):
        return None
    try:
        return within_reach(datetime.fromisoformat(text.upper()))
    except ValueError:
        return None


def within_reach(instant: datetime) -> datetime | None:
    """Return the instant in UTC, None outside 2000 to 2200: far out, adding to it overflows."""
    try:
        found = instant.astimezone(UTC)
    except OverflowError:
        return None
    return found if 2000 <= found.year < 2200 else None


def written(instant: datetime) -> str:
    """Return the instant as documents, forms and addresses carry it: RFC 3339 in UTC."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _read(value: Any) -> datetime:
    found = instant_of(value) if isinstance(value, str) else None
    if isinstance(value, datetime):
        found = within_reach(value)
    if found is None:
        raise ValueError(f"must be an RFC 3339 instant between 2000 and 2200, such as {EXAMPLE}")
    return found


# Without an offset it would be another instant in each zone.
Instant = Annotated[AwareDatetime, BeforeValidator(_read)]
