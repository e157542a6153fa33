"""The organizer's bookings in the order of their times, for lists: filters, search, pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.booking.meeting_types.streams import MEETING_TYPE
from services.booking.page.streams import PAGE, PageAggregate
from services.chassis.events.loading import Loaded, events_of
from services.chassis.ids import parse_id
from services.chassis.postgres.database import Connection, fetch_one, sql

# The deadline decides, whether or not its timer has fired.
_OVER = """EXISTS (
    SELECT FROM slot_claims c WHERE c.booking_id = b.id AND lower(c.during) = b.starts_at
        AND c.held_until <= clock_timestamp())"""
_STATUS = f"""CASE WHEN b.status = 'held' AND {_OVER} THEN 'released'
    WHEN b.status = 'requested' AND {_OVER} THEN 'declined' ELSE b.status END"""
# Titles are in the events of the meeting types, of which an organizer has few.
_OF_TITLE = f"""
    SELECT t.id FROM (
        SELECT DISTINCT meeting_type_id AS id FROM bookings
        WHERE organizer_id = %(organizer_id)s AND %(pattern)s::text IS NOT NULL) AS t
    WHERE EXISTS (
        SELECT FROM events e WHERE e.stream = '{MEETING_TYPE.name}-' || t.id
            AND e.data->'settings'->>'title' ILIKE %(pattern)s)"""  # noqa: S608 -- a constant
_FOUND = f"""
    SELECT b.id, b.starts_at FROM bookings b
    LEFT JOIN attendees a ON a.booking_id = b.id
    WHERE b.organizer_id = %(organizer_id)s AND {_STATUS} = ANY(%(statuses)s)
        AND (%(since)s::timestamptz IS NULL OR b.ends_at > %(since)s)
        AND (%(until)s::timestamptz IS NULL OR b.starts_at < %(until)s)
        AND (%(pattern)s::text IS NULL OR a.name ILIKE %(pattern)s OR a.email ILIKE %(pattern)s
            OR b.meeting_type_id IN (SELECT id FROM of_title))
        AND (%(at)s::timestamptz IS NULL OR (b.starts_at, b.id) {{after}} (%(at)s, %(id)s::uuid))
    ORDER BY b.starts_at {{order}}, b.id {{order}} LIMIT %(limit)s"""  # noqa: S608 -- constants
# A request waits, and so may a new time that is held for a booking: its events say whether.
_WAITING = """
    SELECT DISTINCT b.id FROM slot_claims c JOIN bookings b ON b.id = c.booking_id
    WHERE c.organizer_id = %(organizer_id)s AND b.status IN ('requested', 'confirmed')
        AND c.held_until > clock_timestamp()
    LIMIT %(most_waiting)s"""


def _query(after: str, order: str) -> str:
    return f"""
        WITH of_title AS MATERIALIZED ({_OF_TITLE}),
            found AS ({_FOUND.format(after=after, order=order)}),
            waiting AS ({_WAITING})
        SELECT coalesce((SELECT array_agg(id ORDER BY starts_at {order}, id {order}) FROM found),
                ARRAY[]::uuid[]) AS ids,
            coalesce((SELECT array_agg(id) FROM waiting), ARRAY[]::uuid[]) AS waiting, s.*
        FROM (SELECT 1) AS one
        CROSS JOIN LATERAL ({events_of("ARRAY[%(page)s]")}) AS s"""  # noqa: S608 -- constants


_EARLIEST_FIRST, _LATEST_FIRST = sql(_query(">", "ASC")), sql(_query("<", "DESC"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the list ends: the time and the id of its last booking."""

    starts_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which bookings: in these states, in this time, about these words; in which order."""

    statuses: Sequence[str]
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""
    latest_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundBookings:
    """The ids in their order, of those that may wait for a decision, and the organizer's page."""

    ids: Sequence[UUID]
    waiting: Sequence[UUID]
    page: PageAggregate
    now: datetime


async def find_bookings(
    connection: Connection,
    organizer_id: UUID,
    filters: Filters,
    *,
    after: Place | None = None,
    limit: int,
    most_waiting: int = 0,
) -> FoundBookings:
    """Return what the filters let through after the place, in one round trip."""
    stream = PAGE.stream(organizer_id)
    row = await fetch_one(
        connection,
        _LATEST_FIRST if filters.latest_first else _EARLIEST_FIRST,
        organizer_id=organizer_id,
        statuses=list(filters.statuses),
        since=filters.since,
        until=filters.until,
        pattern=_pattern(filters.words),
        at=after.starts_at if after else None,
        id=after.id if after else None,
        limit=limit,
        most_waiting=most_waiting,
        page=stream.name,
    )
    assert row is not None, "a query without a table has one row"
    loaded = Loaded(row)
    return FoundBookings(
        ids=row["ids"], waiting=row["waiting"], page=loaded.get(stream), now=loaded.now
    )


def written_place(place: Place) -> str:
    """Return the place as an address carries it."""
    return f"{place.starts_at.isoformat()}_{place.id}"


def place_in(text: str | None) -> Place | None:
    """Return the place in an address; None for what is none."""
    instant, _, id_ = (text or "").partition("_")
    try:
        starts_at = datetime.fromisoformat(instant)
    except ValueError:
        return None
    found = parse_id(id_)
    return Place(starts_at, found) if found and starts_at.tzinfo else None


def _pattern(words: str) -> str | None:
    if not words:
        return None
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
