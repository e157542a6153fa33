"""The bookings still to come of which a party could not be mailed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from services.booking.bookings.context import load_bookings
from services.booking.bookings.views import BookingView, view_of
from services.booking.web.organizer.desk import Desk

# A booking that nobody confirmed is no meeting that anybody waits for.
_SHOWN = frozenset({"requested", "confirmed", "declined", "cancelled"})


async def unreached_ids(desk: Desk) -> Sequence[UUID]:
    """Return the organizer's bookings of which notifier says so; none if it does not answer."""
    mails = desk.parts.mails
    if mails is None:
        return ()
    return await mails.undelivered(desk.parts.tokens.organizer(desk.organizer.id))


async def unreached_bookings(desk: Desk, ids: Sequence[UUID]) -> Sequence[BookingView]:
    """Return those that are not over, in their order: a cancelled one too is still expected."""
    if not ids:
        return ()
    contexts = await desk.parts.transactions.read(lambda c: load_bookings(c, ids))
    views, now = [view_of(each) for each in contexts], datetime.now(UTC)
    to_come = [
        view
        for view in views
        if view.organizer_id == desk.organizer.id and view.status in _SHOWN and view.slot.end > now
    ]
    return sorted(to_come, key=lambda view: view.slot.start)
