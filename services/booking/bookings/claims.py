"""Claims on the organizer's time: no two bookings of an organizer share any part of it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    PrimaryKeyConstraint,
    Table,
    Uuid,
    bindparam,
    delete,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSTZRANGE, ExcludeConstraint

from services.booking.domain.slot import Slot
from services.booking.metadata import Instant, metadata
from services.chassis.postgres.database import (
    Connection,
    Statement,
    fetch,
    prepared,
    sql,
)

# The guarantee is this constraint, not a check before it.
slot_claims = Table(
    "slot_claims",
    metadata,
    Column("booking_id", Uuid, nullable=False),
    Column("organizer_id", Uuid, nullable=False),
    Column("during", TSTZRANGE, nullable=False),
    Column("held_until", Instant),
    # Then `booking_id` is the offer's: its times are held for whoever has its link.
    Column("of_offer", Boolean, nullable=False, server_default="false"),
    PrimaryKeyConstraint("booking_id", "during"),
    ExcludeConstraint(
        ("organizer_id", "="),
        ("during", "&&"),
        ("booking_id", "<>"),
        name="slot_claims_no_overlap",
        using="gist",
    ),
)

_organizer_id = bindparam("organizer_id", type_=Uuid)

# The function is in migrations/versions/0010_claims_over.py. Taken before the organizer's lock;
# raises BW002 when another booking has any part of the time, and says whether that is over.
_CLAIM = sql("SELECT claim_slot(%(booking_id)s, %(organizer_id)s, %(starts_at)s, %(ends_at)s)")
_KEEP = sql("""
    INSERT INTO slot_claims (booking_id, organizer_id, during, held_until)
    VALUES (%(booking_id)s, %(organizer_id)s, tstzrange(%(starts_at)s, %(ends_at)s), %(held_until)s)
    ON CONFLICT (booking_id, during) DO UPDATE SET held_until = excluded.held_until
""")
_DROP = sql("""
    DELETE FROM slot_claims
    WHERE booking_id = %(booking_id)s AND during = tstzrange(%(starts_at)s, %(ends_at)s)
""")
_DROP_ALL = prepared(delete(slot_claims).where(slot_claims.c.booking_id == bindparam("of")))
_HELD = prepared(
    select(slot_claims.c.booking_id, slot_claims.c.organizer_id)
    .where(slot_claims.c.organizer_id == func.any(bindparam("organizers", type_=ARRAY(Uuid))))
    .where(slot_claims.c.held_until.is_not(None), ~slot_claims.c.of_offer)
    .order_by(slot_claims.c.booking_id)
)
_EXPIRED_IN_THE_WAY = prepared(
    select(slot_claims.c.booking_id)
    .where(slot_claims.c.organizer_id == _organizer_id)
    .where(slot_claims.c.held_until <= func.clock_timestamp(), ~slot_claims.c.of_offer)
    .where(
        slot_claims.c.during.op("&&")(func.tstzrange(bindparam("starts_at"), bindparam("ends_at")))
    )
)
_TAKEN = prepared(
    select(slot_claims.c.booking_id)
    .where(slot_claims.c.organizer_id == _organizer_id)
    .where(
        or_(
            slot_claims.c.held_until.is_(None),
            slot_claims.c.held_until > func.clock_timestamp(),
        )
    )
    .where(
        slot_claims.c.during.op("&&")(func.tstzrange(bindparam("starts_at"), bindparam("ends_at")))
    )
    .limit(1)
)
# For a query about the meeting type `t`, asked as `q`: whether another booking than one's own has
# the start, or an offer whose link one has not. The claim decides: what is free here may be taken
# by then.
IS_TAKEN = """EXISTS (
    SELECT FROM slot_claims c
    WHERE c.organizer_id = t.organizer_id AND c.during @> q.start AND c.booking_id <> ALL(q.own)
        AND coalesce(c.held_until > clock_timestamp(), true)
        AND NOT (c.of_offer AND EXISTS (
            SELECT FROM private_links l WHERE l.id = q.link_id AND l.offer_id = c.booking_id)))"""


def claim(booking_id: UUID, organizer_id: UUID, slot: Slot) -> Statement:
    """Claim the slot before the organizer's lock is taken, which prevents deadlocks."""
    return Statement(_CLAIM, claimed(booking_id, organizer_id, slot))


def keep(
    booking_id: UUID, organizer_id: UUID, slot: Slot, *, held_until: datetime | None
) -> Statement:
    """Keep the claim: until the deadline, or for good without one."""
    values = claimed(booking_id, organizer_id, slot)
    return Statement(_KEEP, {**values, "held_until": held_until})


def drop(booking_id: UUID, slot: Slot) -> Statement:
    """End the booking's claim on the slot."""
    return Statement(
        _DROP, {"booking_id": booking_id, "starts_at": slot.start, "ends_at": slot.end}
    )


def drop_all(booking_id: UUID) -> Statement:
    """End all that the booking claims."""
    return Statement(_DROP_ALL, {"of": booking_id})


async def holds_of(connection: Connection, organizers: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return the bookings with a hold, for a new booking or for a move, and whose they are."""
    rows = await fetch(connection, _HELD, organizers=list(organizers))
    return {row["booking_id"]: row["organizer_id"] for row in rows}


async def is_taken(connection: Connection, organizer_id: UUID, slot: Slot) -> bool:
    """Tell whether bookings have any part of the time, or hold it."""
    times = {"starts_at": slot.start, "ends_at": slot.end}
    return bool(await fetch(connection, _TAKEN, organizer_id=organizer_id, **times))


async def expired_in_the_way(connection: Connection, organizer_id: UUID, slot: Slot) -> list[UUID]:
    """Return the bookings whose hold on an overlapping slot is over but not yet released."""
    rows = await fetch(
        connection,
        _EXPIRED_IN_THE_WAY,
        organizer_id=organizer_id,
        starts_at=slot.start,
        ends_at=slot.end,
    )
    return [row["booking_id"] for row in rows]


def claimed(booking_id: UUID, organizer_id: UUID, slot: Slot) -> dict[str, UUID | datetime]:
    """Return the values of a statement that claims the slot."""
    return {
        "booking_id": booking_id,
        "organizer_id": organizer_id,
        "starts_at": slot.start,
        "ends_at": slot.end,
    }
