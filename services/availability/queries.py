"""What availability's tables are asked: a meeting type's rules with the times that are taken."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from contracts.booking import SlotReserved
from services.availability import statements
from services.availability.domain.busy import Buffers, Claim
from services.availability.domain.full_periods import NO_LIMITS, Limits
from services.availability.domain.hours import REGULAR_HOURS, date_overrides, weekly_hours
from services.availability.domain.intervals import DAY, Interval, micros
from services.availability.domain.offering import Offering, OwnBooking, PrivateLink
from services.availability.domain.slots import MeetingType
from services.chassis.postgres.database import Connection, fetch_tuples

_HALF_A_DAY = DAY // 2
_OF_OFFERING = 10  # columns of `statements`: the moment, and what `_offering` reads


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The times that are taken near the time asked about, by bookings and by calendars."""

    claims: Sequence[Claim] = ()
    calendar: Sequence[Interval] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is known of a meeting type, of the link and the booking shown, and of taken times."""

    offering: Offering | None
    link: PrivateLink | None
    own: OwnBooking | None
    taken: Taken


async def find(
    connection: Connection,
    type_id: UUID | None,
    start: datetime,
    end: datetime,
    *,
    link_id: UUID | None = None,
    booking_id: UUID | None = None,
) -> Found:
    """Return the meeting type and its organizer's claims that touch the time."""
    (row,) = await fetch_tuples(
        connection,
        statements.QUESTION,
        type_id=type_id,
        link_id=link_id,
        booking_id=booking_id,
        start=start,
        end=end,
        **_span(start, end),
    )
    opened, ended, over, minutes, own_type, own_length, *known = row
    return Found(
        offering=_offering(type_id, known) if type_id and known[1] else None,
        link=PrivateLink(
            meeting_type_id=opened, end_reason=ended, expired=over, duration_minutes=minutes
        )
        if opened
        else None,
        own=OwnBooking(id=booking_id, meeting_type_id=own_type, length=own_length)
        if booking_id and own_type
        else None,
        taken=_taken_times(known[_OF_OFFERING:]),
    )


async def find_for_verdicts(
    connection: Connection, reserved: Sequence[SlotReserved]
) -> list[Found]:
    """Return for each reservation its meeting type and the claims that touch its time."""
    asked = [
        {
            "place": place,
            "type_id": str(event.meeting_type_id),
            "organizer_id": str(event.organizer_id),
            "link_id": str(event.link_id) if event.link_id else None,
            "start": event.start.isoformat(),
            "end": event.end.isoformat(),
            **_span(event.start, event.end),
        }
        for place, event in enumerate(reserved)
    ]
    rows = await fetch_tuples(connection, statements.FOR_VERDICTS, asked=Jsonb(asked))
    return [
        Found(
            offering=_offering(row[0], row[1:]) if row[0] else None,
            link=None,
            own=None,
            taken=_taken_times(row[1 + _OF_OFFERING :]),
        )
        for row in rows
    ]


async def taken_in(
    connection: Connection,
    organizer_id: UUID,
    start: datetime,
    end: datetime,
    *,
    meeting_type: tuple[UUID, Limits],
    link_id: UUID | None = None,
) -> Taken:
    """Return what is taken near the time, without what the link's offer holds.

    With it come the claims that the limits of the meeting type count.
    """
    type_id, limits = meeting_type
    (row,) = await fetch_tuples(
        connection,
        statements.TAKEN_IN,
        organizer_id=organizer_id,
        type_id=type_id,
        start=start,
        end=end,
        reach=timedelta(hours=12) if limits == NO_LIMITS else timedelta(days=8),
        link_id=link_id,
        **_span(start, end),
    )
    return _taken_times(row)


def _span(start: datetime, end: datetime) -> dict[str, int]:
    """Return between which microseconds a calendar's times may matter: no buffer is longer."""
    return {"since": micros(start) - _HALF_A_DAY, "until": micros(end) + _HALF_A_DAY}


def _taken_times(row: Sequence[Any]) -> Taken:
    *claims, begins, ends = row
    return Taken(
        claims=_claims(zip(*claims, strict=True)) if claims[0] else (),
        calendar=list(zip(begins, ends, strict=True)) if begins else (),
    )


def _claims(rows: Iterable[tuple[Any, ...]]) -> list[Claim]:
    return [
        Claim(booking_id, start, end, expires_at, _buffers(before, after), of_type)
        for booking_id, start, end, expires_at, before, after, of_type in rows
    ]


@lru_cache(maxsize=256)  # few different ones, of many claims
def _buffers(before: int, after: int) -> Buffers:
    return Buffers(before, after)


def _offering(meeting_type_id: UUID, row: Sequence[Any]) -> Offering:
    now, organizer_id, private, rules, deleted, published, allowed, *more = row[:_OF_OFFERING]
    regular_hours, calendar_known, stale_since = more
    meeting_type, enabled = _rules(rules, regular_hours)
    return Offering(
        id=meeting_type_id,
        organizer_id=organizer_id,
        private=private,
        deleted=deleted,
        enabled=enabled,
        published=published,
        allowed=allowed,
        meeting_type=meeting_type,
        now=now,
        calendar_known=calendar_known,
        stale_since=stale_since,
    )


@lru_cache(maxsize=1024)
def _rules(text: str, regular_hours: str | None) -> tuple[MeetingType, bool]:
    """Return the rules that are written in the text, and whether the type is enabled.

    `regular_hours` are those of the organizer, None of who has not set any.

    A row of before a rule existed does not have it.
    """
    rules = json.loads(text)
    own = rules["weekly_hours"] if rules["hours"] == "custom" else None
    regular = weekly_hours(json.loads(regular_hours)) if regular_hours else REGULAR_HOURS
    meeting_type = MeetingType(
        duration_minutes=rules["duration_minutes"],
        increment_minutes=rules["increment_minutes"],
        min_lead_minutes=rules["min_lead_minutes"],
        max_lead_minutes=rules["max_lead_minutes"],
        time_zone=rules["organizer_time_zone"],
        hours=regular if own is None else weekly_hours(own),
        date_overrides=date_overrides(rules.get("date_overrides", {})),
        buffers=_buffers(
            rules.get("buffer_before_minutes", 0), rules.get("buffer_after_minutes", 0)
        ),
        more_durations_minutes=tuple(rules.get("durations_minutes", ())[1:]),
        limits=Limits(rules.get("max_per_day"), rules.get("max_per_week")),
    )
    return meeting_type, rules.get("enabled", True)
