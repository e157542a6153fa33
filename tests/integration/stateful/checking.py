"""Whether the store is as the model says, and what must hold whatever the model says."""

from typing import Any

from services.booking.bookings.context import load_bookings
from services.booking.bookings.views import BookingView, view_of
from services.booking.domain import private_link
from services.booking.private_links.streams import PRIVATE_LINK
from services.booking.store import store
from services.chassis.postgres.database import Connection
from tests.integration.stateful.commands import booking_id, link_id
from tests.integration.stateful.model import Booking, Model
from tests.integration.stateful.process import Process

# What is numbered otherwise than 1, 2, 3, ... Nothing that was numbered goes away here.
_GAPS = """
    SELECT stream AS name FROM events GROUP BY stream
    HAVING min(version) <> 1 OR max(version) <> count(*)
    UNION ALL SELECT partition_key FROM events GROUP BY partition_key
    HAVING min(sequence) <> 1 OR max(sequence) <> count(*)
    UNION ALL SELECT o.topic FROM outbox o GROUP BY o.topic, o.key
    HAVING min(sequence) <> 1 OR max(sequence) <> count(*)
"""
_OVERLAPS = """
    SELECT a.booking_id FROM slot_claims a JOIN slot_claims b ON a.organizer_id = b.organizer_id
        AND a.booking_id < b.booking_id AND a.during && b.during
"""
_CLAIMS = "SELECT booking_id, lower(during) AS start FROM slot_claims"
_ROWS = "SELECT id, status, starts_at FROM bookings"


async def gaps(process: Process) -> list[str]:
    """Return the streams, keys and topics whose numbers are not contiguous."""
    async with process.database.connection() as connection:
        return [row["name"] for row in await _rows(connection, _GAPS)]


async def differences(process: Process, model: Model) -> list[str]:
    """Return where the store is not as the model says; raise where two have one time."""
    async with process.database.connection() as connection:
        assert [] == await _rows(connection, _OVERLAPS)
        claims = {(row["booking_id"], row["start"]) for row in await _rows(connection, _CLAIMS)}
        rows = {row["id"]: row for row in await _rows(connection, _ROWS)}
        ids = [booking_id(number) for number in model.bookings]
        seen = {
            each.owner.booking_id: view_of(each) for each in await load_bookings(connection, ids)
        }
        links = await _links(connection, model)
    expected = {(booking_id(number), start) for number, start, _ in model.claims(live=False)}
    found = [f"claims: {claims ^ expected}"] if claims != expected else []
    if set(rows) != set(ids):
        found.append(f"bookings: {set(rows) ^ set(ids)}")
        return found
    for number, each in model.bookings.items():
        row, view = rows[booking_id(number)], seen[booking_id(number)]
        stored = (row["status"], row["starts_at"])
        if stored != (each.status, each.start):
            found.append(f"row {number}: {stored} instead of {each}")
        found += _told(number, each, view, model)
    return found + links


def _told(number: int, each: Booking, view: BookingView, model: Model) -> list[str]:
    move = view.pending_move
    pending = each.pending(model.now) if each.status in ("requested", "confirmed") else None
    ends = {"held": "released", "unverified": "released", "requested": "declined"}
    why = view.release_reason or view.decline_reason
    told = (view.status, view.slot.start, move and move.slot.start, view.ics_sequence, why)
    expected = (
        ends[each.status] if each.is_over(model.now) else each.status,
        each.start,
        pending and pending.start,
        each.sequence,
        "timeout" if each.is_over(model.now) else _reason(each),
    )
    return [] if told == expected else [f"view {number}: {told} instead of {expected}"]


def _reason(each: Booking) -> str | None:
    """Return why it was released or declined: what its holder is told depends on it."""
    is_withdrawn = each.status == "cancelled" and each.reason == "withdrawn"
    return each.reason if is_withdrawn or each.status in ("released", "declined") else None


async def _links(connection: Connection, model: Model) -> list[str]:
    streams = {number: PRIVATE_LINK.stream(link_id(number)) for number in model.links}
    loaded = await store.load(connection, *streams.values())
    found = []
    for number, each in model.links.items():
        state = loaded.get(streams[number]).state
        assert isinstance(state, private_link.Link)
        assert len(state.consumed) <= (state.limits.max_uses or 0)
        told = (set(state.held), set(state.consumed), str(state.ended or ""))
        held, consumed = ({booking_id(n) for n in uses} for uses in (each.held, each.consumed))
        if told != (held, consumed, each.ended):
            found.append(f"link {number}: {told} instead of {each}")
    return found


async def _rows(connection: Connection, query: str) -> list[dict[str, Any]]:
    return await (await connection.execute(query.encode())).fetchall()
