"""What availability's tables are asked: a meeting type's rules with the times that are taken."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from contracts.booking import SlotReserved
from services.availability.domain.busy import Claim
from services.availability.domain.hours import REGULAR_HOURS, weekly_hours
from services.availability.domain.offering import Offering, OwnBooking, PrivateLink
from services.availability.domain.slots import MeetingType
from services.chassis.postgres.database import Connection, fetch_tuples, sql

# All that a question about slots needs, in one round trip; what was not asked for is NULL.
_QUESTION = sql("""
    SELECT clock_timestamp(), t.organizer_id, t.private, t.rules::text, t.deleted,
        coalesce(p.published, false), coalesce(p.allowed, false),
        link.meeting_type_id, link.ended, link.expires_at <= clock_timestamp(),
        link.duration_minutes,
        own.meeting_type_id, own.ends_at - own.starts_at,
        taken.ids, taken.starts, taken.ends, taken.expiries
    FROM (SELECT %(type_id)s::uuid AS type_id) AS asked
    LEFT JOIN meeting_types AS t ON t.id = asked.type_id
    LEFT JOIN pages AS p ON p.organizer_id = t.organizer_id
    LEFT JOIN private_links AS link ON link.id = %(link_id)s::uuid
    LEFT JOIN LATERAL (
        SELECT meeting_type_id, starts_at, ends_at FROM claims
        WHERE booking_id = %(booking_id)s::uuid
        LIMIT 1) AS own ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(booking_id) AS ids, array_agg(starts_at) AS starts,
            array_agg(ends_at) AS ends, array_agg(expires_at) AS expiries
        FROM claims
        WHERE organizer_id = t.organizer_id
            AND ends_at > %(start)s::timestamptz AND starts_at < %(end)s::timestamptz
            AND (link_id IS NULL OR link_id IS DISTINCT FROM %(link_id)s::uuid)
        ) AS taken ON true
""")
# What several verdicts need: of each its meeting type and the times that are taken around it.
_FOR_VERDICTS = sql("""
    SELECT asked.place, t.id, clock_timestamp(), t.organizer_id, t.private, t.rules::text,
        t.deleted, coalesce(p.published, false), coalesce(p.allowed, false),
        taken.ids, taken.starts, taken.ends, taken.expiries
    FROM jsonb_to_recordset(%(asked)s) AS asked (
        place integer, type_id uuid, organizer_id uuid, link_id uuid,
        start timestamptz, "end" timestamptz)
    LEFT JOIN meeting_types AS t ON t.id = asked.type_id
    LEFT JOIN pages AS p ON p.organizer_id = t.organizer_id
    LEFT JOIN LATERAL (
        SELECT array_agg(booking_id) AS ids, array_agg(starts_at) AS starts,
            array_agg(ends_at) AS ends, array_agg(expires_at) AS expiries
        FROM claims
        WHERE organizer_id = asked.organizer_id
            AND ends_at > asked.start AND starts_at < asked."end"
            AND (claims.link_id IS NULL OR claims.link_id IS DISTINCT FROM asked.link_id)
        ) AS taken ON true
    ORDER BY asked.place
""")
_CLAIMS = sql("""
    SELECT booking_id, starts_at, ends_at, expires_at FROM claims
    WHERE organizer_id = %(organizer_id)s AND ends_at > %(start)s AND starts_at < %(end)s
        AND (link_id IS NULL OR link_id IS DISTINCT FROM %(link_id)s::uuid)
""")


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
    own_type, own_length = row[11:13]
    return Found(
        offering=_offering(type_id, row) if type_id and row[1] else None,
        link=PrivateLink(
            meeting_type_id=row[7], end_reason=row[8], expired=row[9], duration_minutes=row[10]
        )
        if row[7]
        else None,
        own=OwnBooking(id=booking_id, meeting_type_id=own_type, length=own_length)
        if booking_id and own_type
        else None,
        claims=[Claim(*each) for each in zip(*row[13:17], strict=True)] if row[13] else [],
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
            claims=[Claim(*each) for each in zip(*row[9:13], strict=True)] if row[9] else [],
        )
        for row in rows
    ]


async def claims_in(
    connection: Connection,
    organizer_id: UUID,
    start: datetime,
    end: datetime,
    *,
    link_id: UUID | None = None,
) -> list[Claim]:
    """Return the claims that touch the time, without those that the link's offer holds."""
    rows = await fetch_tuples(
        connection, _CLAIMS, organizer_id=organizer_id, start=start, end=end, link_id=link_id
    )
    return [Claim(*row) for row in rows]


def _offering(meeting_type_id: UUID, row: tuple[Any, ...]) -> Offering:
    now, organizer_id, private, rules, deleted, published, allowed = row[:7]
    return Offering(
        id=meeting_type_id,
        organizer_id=organizer_id,
        private=private,
        deleted=deleted,
        published=published,
        allowed=allowed,
        meeting_type=_meeting_type(rules),
        now=now,
    )


@lru_cache(maxsize=1024)
def _meeting_type(text: str) -> MeetingType:
    """Return the rules that are written in the text."""
    rules = json.loads(text)
    hours = REGULAR_HOURS if rules["hours"] == "calendar" else weekly_hours(rules["weekly_hours"])
    return MeetingType(
        duration_minutes=rules["duration_minutes"],
        increment_minutes=rules["increment_minutes"],
        min_lead_minutes=rules["min_lead_minutes"],
        max_lead_minutes=rules["max_lead_minutes"],
        time_zone=rules["organizer_time_zone"],
        hours=hours,
    )
