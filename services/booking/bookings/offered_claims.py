"""Claims of offers: times that are held for whoever has the link of an offer.

They give way to that link's bookings, and come back when such a booking is released.
"""

from datetime import datetime
from uuid import UUID

from services.booking.bookings.claims import claimed
from services.booking.domain.slot import Slot
from services.chassis.postgres.database import Connection, Statement, fetch, sql

_DROP_OVERLAPPING = sql("""
    DELETE FROM slot_claims
    WHERE booking_id = %(offer_id)s AND during && tstzrange(%(starts_at)s, %(ends_at)s)
""")
_DROP_OVERLAPPING_OF_LINK = sql("""
    DELETE FROM slot_claims
    WHERE booking_id = (SELECT offer_id FROM private_links WHERE id = %(link_id)s)
        AND during && tstzrange(%(starts_at)s, %(ends_at)s)
""")
_HOLD_FOR_OFFER = sql("""
    INSERT INTO slot_claims (booking_id, organizer_id, during, held_until, of_offer)
    VALUES (%(booking_id)s, %(organizer_id)s, tstzrange(%(starts_at)s, %(ends_at)s),
        %(held_until)s, true)
    ON CONFLICT (booking_id, during) DO UPDATE SET
        held_until = excluded.held_until, of_offer = true
""")
_RETURN_TO_OFFER = sql("""
    INSERT INTO slot_claims (booking_id, organizer_id, during, held_until, of_offer)
    SELECT o.id, o.organizer_id, tstzrange(t.start, t.start + o.length),
        least(o.expires_at, t.start), true
    FROM bookings b
    JOIN private_links l ON l.id = b.link_id AND l.ended IS NULL
    JOIN offers o ON o.id = l.offer_id AND o.held
    CROSS JOIN unnest(o.starts) AS t (start)
    WHERE b.id = %(booking_id)s AND o.expires_at > %(at)s AND t.start > %(at)s
        AND NOT EXISTS (
            SELECT FROM slot_claims c
            WHERE c.organizer_id = o.organizer_id AND c.booking_id <> o.id
                AND c.during && tstzrange(t.start, t.start + o.length))
    ON CONFLICT DO NOTHING
""")
_DROP_EXPIRED = sql("""
    DELETE FROM slot_claims
    WHERE organizer_id = %(organizer_id)s AND of_offer AND held_until <= clock_timestamp()
        AND during && tstzrange(%(starts_at)s, %(ends_at)s)
    RETURNING booking_id
""")


def drop_overlapping(offer_id: UUID, slot: Slot) -> Statement:
    """End the offer's claims on any part of the slot: somebody with its link takes it."""
    times = {"starts_at": slot.start, "ends_at": slot.end}
    return Statement(_DROP_OVERLAPPING, {"offer_id": offer_id, **times})


def drop_overlapping_of_link(link_id: UUID, slot: Slot) -> Statement:
    """End the claims on any part of the slot of the offer that the link belongs to, if any."""
    times = {"starts_at": slot.start, "ends_at": slot.end}
    return Statement(_DROP_OVERLAPPING_OF_LINK, {"link_id": link_id, **times})


def hold_for_offer(offer_id: UUID, organizer_id: UUID, slot: Slot, until: datetime) -> Statement:
    """Claim the slot for whoever has the offer's link, until the deadline."""
    values = claimed(offer_id, organizer_id, slot)
    return Statement(_HOLD_FOR_OFFER, {**values, "held_until": until})


def return_to_offer(booking_id: UUID, at: datetime) -> Statement:
    """Give the times that a released booking had from an offer back to it, while it lasts."""
    return Statement(_RETURN_TO_OFFER, {"booking_id": booking_id, "at": at})


async def drop_expired_offers(connection: Connection, organizer_id: UUID, slot: Slot) -> bool:
    """End the claims on the slot of offers that are over; False when there was none."""
    times = {"starts_at": slot.start, "ends_at": slot.end}
    return bool(await fetch(connection, _DROP_EXPIRED, organizer_id=organizer_id, **times))
