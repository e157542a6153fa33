"""Slots and reasons as callers see them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import lru_cache

import orjson

from services.availability import schemas
from services.availability.domain.intervals import DAY, MINUTE, instant
from services.availability.domain.reasons import Reason
from services.availability.offers import OfferedSlots

# A longer list is written each time it is asked for: what is kept stays below 20 MB.
KEPT_LISTS, LONGEST_KEPT = 128, 800
_CLOCK = tuple(f"T{minute // 60:02}:{minute % 60:02}:00Z" for minute in range(DAY // MINUTE))


@dataclass(frozen=True, slots=True)
class SlotsDocument:
    """The answer of `schemas.Slots` as it is sent, and its tag."""

    content: bytes
    tag: str


def slots(found: OfferedSlots) -> SlotsDocument:
    """Return the offered slots; what is offered has the same tag at any time of asking."""
    kept = len(found.starts) <= LONGEST_KEPT
    written, digest = (_written_once if kept else _written)(tuple(found.starts), found.minutes)
    day = found.next_free_day
    content = orjson.dumps(
        {
            "slots": orjson.Fragment(written),
            "next_free_day": day,
            "computed_at": found.computed_at.astimezone(UTC),
            "stale": found.stale_since is not None,
            "stale_since": found.stale_since and found.stale_since.astimezone(UTC),
            "unknown": not found.calendar_known,
        },
        option=orjson.OPT_UTC_Z,
    )
    # The day follows from the first slot and the visitor's zone, so it is a part of the tag too.
    said = f"{day} {found.stale_since} {found.calendar_known}"
    return SlotsDocument(content, hashlib.sha256(digest + said.encode()).hexdigest()[:32])


def explanation(reasons: Sequence[Reason]) -> schemas.Explanation:
    """Return the rules' verdicts on one start."""
    return schemas.Explanation(
        offered=all(reason.passed for reason in reasons),
        rules=[
            schemas.RuleResult(
                rule=each.rule,
                passed=each.passed,
                detail=each.detail,
                since=each.since,
                until=each.until,
                minutes=each.minutes,
            )
            for each in reasons
        ],
    )


def _written(starts: tuple[int, ...], minutes: int) -> tuple[bytes, bytes]:
    """Return the slots as JSON, with a digest of it."""
    length = minutes * MINUTE
    days: dict[int, str] = {}

    def text(at: int) -> str:
        day, time = divmod(at, DAY)
        minute, rest = divmod(time, MINUTE)
        if rest:  # a zone whose distance from UTC is not in whole minutes
            return instant(at).isoformat().replace("+00:00", "Z")
        if day not in days:
            days[day] = instant(day * DAY).date().isoformat()
        return days[day] + _CLOCK[minute]

    content = orjson.dumps([{"start": text(at), "end": text(at + length)} for at in starts])
    return content, hashlib.sha256(content).digest()


_written_once = lru_cache(maxsize=KEPT_LISTS)(_written)
