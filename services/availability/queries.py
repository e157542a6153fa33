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
from services.availability.domain.busy import Buffers, Claim
from services.availability.domain.full_periods import NO_LIMITS, Limits
from services.availability.domain.hours import REGULAR_HOURS, date_overrides, weekly_hours
from services.availability.domain.offering import Offering, OwnBooking, PrivateLink
from services.availability.domain.slots import MeetingType
from services.chassis.postgres.database import Connection, fetch_tuples, sql

# How far from the time asked about a claim may matter: no buffer is over 12 hours, and a limit
# counts whole days or weeks of the organizer's zone.
_BUFFERS_REACH = "interval '12 hours'"
_LIMITS_REACH = """CASE WHEN t.rules->>'max_per_week' IS NOT NULL THEN interval '8 days'
    WHEN t.rules->>'max_per_day' IS NOT NULL THEN interval '2 days'
    ELSE interval '12 hours' END"""
# What a limit of the type counts: its bookings, not what an offer holds.
_IS_OF_TYPE = "c.link_id IS NULL AND c.meeting_type_id = {type_id}"
# What an offer holds is free for whoever shows its link.
# A claim has the buffers that its meeting type has by now; a type that is not known has none.
_BEFORE = "coalesce((made.rules->>'buffer_before_minutes')::integer, 0)"
_AFTER = "coalesce((made.rules->>'buffer_after_minutes')::integer, 0)"
_CLAIMS_NEAR = """claims AS c LEFT JOIN meeting_types AS made ON made.id = c.meeting_type_id
    WHERE c.organizer_id = {organizer_id}
        AND c.ends_at > {start} - {reach}
        AND c.starts_at < {end} + {reach}
        AND (c.link_id IS NULL OR c.link_id IS DISTINCT FROM {link_id})"""


def _taken(
    organizer_id: str,
    type_id: str,
    start: str,
    end: str,
    link_id: str,
    reach: str = _BUFFERS_REACH,
) -> str:
    """Return the query for the claims near the time, as arrays."""
    return f"""
        SELECT array_agg(c.booking_id) AS ids, array_agg(c.starts_at) AS starts,
            array_agg(c.ends_at) AS ends, array_agg(c.expires_at) AS expiries,
            array_agg({_BEFORE}) AS before, array_agg({_AFTER}) AS after,
            array_agg({_IS_OF_TYPE.format(type_id=type_id)}) AS of_type
        FROM {_near(organizer_id, start, end, link_id, reach)}"""  # noqa: S608 -- columns


def _near(organizer_id: str, start: str, end: str, link_id: str, reach: str) -> str:
    return _CLAIMS_NEAR.format(
        organizer_id=organizer_id, start=start, end=end, link_id=link_id, reach=reach
    )


_ASKED = _taken(
    "t.organizer_id",
    "t.id",
    "%(start)s::timestamptz",
    "%(end)s::timestamptz",
    "link.id",
    _LIMITS_REACH,
)
_RESERVED = _taken(
    "asked.organizer_id", "asked.type_id", "asked.start", 'asked."end"', "asked.link_id"
)


# All that a question about slots needs, in one round trip; what was not asked for is NULL.
_QUESTION = sql(f"""
    SELECT clock_timestamp(), t.organizer_id, t.private, t.rules::text, t.deleted,
        coalesce(p.published, false), coalesce(p.allowed, false), p.regular_hours::text,
        link.meeting_type_id, link.ended, link.expires_at <= clock_timestamp(),
        link.duration_minutes,
        own.meeting_type_id, own.ends_at - own.starts_at,
        taken.ids, taken.starts, taken.ends, taken.expiries, taken.before, taken.after,
        taken.of_type
    FROM (SELECT %(type_id)s::uuid AS type_id) AS asked
    LEFT JOIN meeting_types AS t ON t.id = asked.type_id
    LEFT JOIN pages AS p ON p.organizer_id = t.organizer_id
    LEFT JOIN private_links AS link ON link.id = %(link_id)s::uuid
    LEFT JOIN LATERAL (
        SELECT meeting_type_id, starts_at, ends_at FROM claims
        WHERE booking_id = %(booking_id)s::uuid
        LIMIT 1) AS own ON true
    LEFT JOIN LATERAL ({_ASKED}) AS taken ON true
""")  # noqa: S608 -- names of columns, never a value
# What several verdicts need: of each its meeting type and the times that are taken around it.
_FOR_VERDICTS = sql(f"""
    SELECT asked.place, t.id, clock_timestamp(), t.organizer_id, t.private, t.rules::text,
        t.deleted, coalesce(p.published, false), coalesce(p.allowed, false),
        p.regular_hours::text,
        taken.ids, taken.starts, taken.ends, taken.expiries, taken.before, taken.after,
        taken.of_type
    FROM jsonb_to_recordset(%(asked)s) AS asked (
        place integer, type_id uuid, organizer_id uuid, link_id uuid,
        start timestamptz, "end" timestamptz)
    LEFT JOIN meeting_types AS t ON t.id = asked.type_id
    LEFT JOIN pages AS p ON p.organizer_id = t.organizer_id
    LEFT JOIN LATERAL ({_RESERVED}) AS taken ON true
    ORDER BY asked.place
""")  # noqa: S608 -- names of columns, never a value
_CLAIMS = sql(f"""
    SELECT c.booking_id, c.starts_at, c.ends_at, c.expires_at, {_BEFORE}, {_AFTER},
        {_IS_OF_TYPE.format(type_id="%(type_id)s::uuid")}
    FROM {_near("%(organizer_id)s", "%(start)s", "%(end)s", "%(link_id)s::uuid", "%(reach)s")}
""")  # noqa: S608 -- names of columns, never a value


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is known of a meeting type, of the link and the booking shown, and of taken times."""

    offering: Offering | None
    link: PrivateLink | None
    own: OwnBooking | None
    claims: list[Claim]


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
        _QUESTION,
        type_id=type_id,
        link_id=link_id,
        booking_id=booking_id,
        start=start,
        end=end,
    )
    own_type, own_length = row[12:14]
    return Found(
        offering=_offering(type_id, row) if type_id and row[1] else None,
        link=PrivateLink(
            meeting_type_id=row[8], end_reason=row[9], expired=row[10], duration_minutes=row[11]
        )
        if row[8]
        else None,
        own=OwnBooking(id=booking_id, meeting_type_id=own_type, length=own_length)
        if booking_id and own_type
        else None,
        claims=_claims(zip(*row[14:21], strict=True)) if row[14] else [],
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
        }
        for place, event in enumerate(reserved)
    ]
    rows = await fetch_tuples(connection, _FOR_VERDICTS, asked=Jsonb(asked))
    return [
        Found(
            offering=_offering(row[1], row[2:]) if row[1] else None,
            link=None,
            own=None,
            claims=_claims(zip(*row[10:17], strict=True)) if row[10] else [],
        )
        for row in rows
    ]


async def claims_in(
    connection: Connection,
    organizer_id: UUID,
    start: datetime,
    end: datetime,
    *,
    meeting_type: tuple[UUID, Limits],
    link_id: UUID | None = None,
) -> list[Claim]:
    """Return the claims that touch the time, without those that the link's offer holds.

    With them come those that the limits of the meeting type count.
    """
    type_id, limits = meeting_type
    rows = await fetch_tuples(
        connection,
        _CLAIMS,
        organizer_id=organizer_id,
        type_id=type_id,
        start=start,
        end=end,
        reach=timedelta(hours=12) if limits == NO_LIMITS else timedelta(days=8),
        link_id=link_id,
    )
    return _claims(rows)


def _claims(rows: Iterable[tuple[Any, ...]]) -> list[Claim]:
    return [
        Claim(booking_id, start, end, expires_at, _buffers(before, after), of_type)
        for booking_id, start, end, expires_at, before, after, of_type in rows
    ]


@lru_cache(maxsize=256)  # few different ones, of many claims
def _buffers(before: int, after: int) -> Buffers:
    return Buffers(before, after)


def _offering(meeting_type_id: UUID, row: tuple[Any, ...]) -> Offering:
    now, organizer_id, private, rules, deleted, published, allowed, regular_hours = row[:8]
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
