"""Where offers are found, and what has become of their times."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Boolean, Column, Index, Interval, Table, Uuid, bindparam
from sqlalchemy.dialects.postgresql import ARRAY, insert

from services.booking.bookings.offered_claims import hold_for_offer
from services.booking.domain.offer import Event, OfferMade, held_until
from services.booking.domain.slot import Slot
from services.booking.metadata import Instant, metadata
from services.chassis.events.streams import Recorded
from services.chassis.ids import FIRST
from services.chassis.postgres.database import Connection, Statement, fetch, prepared, sql

offers = Table(
    "offers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organizer_id", Uuid, nullable=False),
    Column("link_id", Uuid, nullable=False),
    Column("starts", ARRAY(Instant), nullable=False),
    Column("length", Interval, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("offers_of_organizer", "organizer_id", "id"),
)

_COLUMNS = ("id", "organizer_id", "link_id", "starts", "length", "held", "expires_at")
_ADD = prepared(insert(offers).values({name: bindparam(name) for name in _COLUMNS}))
_OWN = sql("""
    SELECT id, link_id FROM offers
    WHERE organizer_id = %(organizer_id)s AND id > %(cursor)s ORDER BY id LIMIT %(limit)s
""")
_NEWEST = sql("""
    SELECT id, link_id FROM offers
    WHERE organizer_id = %(organizer_id)s AND (%(before)s::uuid IS NULL OR id < %(before)s::uuid)
    ORDER BY id DESC LIMIT %(limit)s
""")
_ONE = sql("SELECT id, link_id FROM offers WHERE organizer_id = %(organizer_id)s AND id = %(id)s")
# Which of the offer's times are booked or held through its link, and which somebody else has.
_TIMES = sql("""
    SELECT o.id, t.start, mine.status,
        EXISTS (
            SELECT FROM slot_claims c
            WHERE c.organizer_id = o.organizer_id AND c.booking_id <> o.id
                AND c.during && tstzrange(t.start, t.start + o.length)
                AND coalesce(c.held_until > clock_timestamp(), true)
                AND NOT EXISTS (
                    SELECT FROM bookings b WHERE b.id = c.booking_id AND b.link_id = o.link_id)
        ) AS is_taken
    FROM offers o CROSS JOIN unnest(o.starts) AS t (start)
    LEFT JOIN LATERAL (
        SELECT b.status FROM bookings b
        WHERE b.link_id = o.link_id AND b.starts_at = t.start AND b.status <> 'released'
        ORDER BY b.status = 'held', b.id LIMIT 1) AS mine ON true
    WHERE o.id = ANY(%(ids)s)
""")
_TAKEN = sql("""
    SELECT t.place FROM unnest(%(starts)s::timestamptz[]) WITH ORDINALITY AS t (start, place)
    WHERE EXISTS (
        SELECT FROM slot_claims c
        WHERE c.organizer_id = %(organizer_id)s
            AND c.during && tstzrange(t.start, t.start + %(length)s)
            AND coalesce(c.held_until > clock_timestamp(), true))
    ORDER BY t.place
""")


@dataclass(frozen=True, slots=True)
class OfferRow:
    """Where an offer belongs."""

    id: UUID
    link_id: UUID


@dataclass(frozen=True, slots=True)
class OfferedTime:
    """What has become of one time of an offer, as far as bookings tell."""

    status: str | None
    is_taken: bool


# Of each offer its times by their start.
Times = dict[UUID, dict[datetime, OfferedTime]]


def project(recorded: Recorded[Event]) -> Iterable[Statement]:
    """Return what the event changes; the end of an offer is the end of its link."""
    match recorded.event:
        case OfferMade() as made:
            id_, first = UUID(recorded.subject), made.slots[0]
            yield Statement(
                _ADD,
                {
                    "id": id_,
                    "organizer_id": made.organizer_id,
                    "link_id": made.link_id,
                    "starts": [slot.start for slot in made.slots],
                    "length": first.end - first.start,
                    "held": made.held,
                    "expires_at": made.expires_at,
                },
            )
            for slot in made.slots if made.held else ():
                until = held_until(slot, made.expires_at)
                yield hold_for_offer(id_, made.organizer_id, slot, until)
        case _:
            pass


async def own_offers(
    connection: Connection, organizer_id: UUID, cursor: UUID = FIRST, limit: int | None = None
) -> list[OfferRow]:
    """Return the organizer's offers after the cursor, oldest first."""
    rows = await fetch(connection, _OWN, organizer_id=organizer_id, cursor=cursor, limit=limit)
    return [OfferRow(row["id"], row["link_id"]) for row in rows]


async def newest_offers(
    connection: Connection, organizer_id: UUID, before: UUID | None, limit: int
) -> list[OfferRow]:
    """Return the organizer's offers from before the one named, newest first."""
    rows = await fetch(connection, _NEWEST, organizer_id=organizer_id, before=before, limit=limit)
    return [OfferRow(row["id"], row["link_id"]) for row in rows]


async def own_offer(connection: Connection, organizer_id: UUID, id_: UUID) -> OfferRow | None:
    """Return the offer if it is the organizer's."""
    rows = await fetch(connection, _ONE, organizer_id=organizer_id, id=id_)
    return OfferRow(rows[0]["id"], rows[0]["link_id"]) if rows else None


async def offered_times(connection: Connection, ids: Sequence[UUID]) -> Times:
    """Return what has become of the offers' times."""
    times: Times = {id_: {} for id_ in ids}
    for row in await fetch(connection, _TIMES, ids=list(ids)):
        times[row["id"]][row["start"]] = OfferedTime(row["status"], row["is_taken"])
    return times


async def taken_places(
    connection: Connection, organizer_id: UUID, slots: Sequence[Slot], length: timedelta
) -> list[int]:
    """Return the places, from 0, of the slots of which somebody has any part."""
    starts = [slot.start for slot in slots]
    rows = await fetch(connection, _TAKEN, organizer_id=organizer_id, starts=starts, length=length)
    return [row["place"] - 1 for row in rows]
