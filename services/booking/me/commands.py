"""Asking for one's data: a link is mailed to the address, if something is held about it."""

from datetime import timedelta
from uuid import UUID

from services.booking.attendees.erasure import erase_attendee, records_of
from services.booking.attendees.streams import HELD_DATA
from services.booking.domain.held_data import RequestData
from services.booking.me.views import Erasure, open_request, view_erasure
from services.booking.store import store
from services.chassis.postgres.database import Connection


async def request_data(
    connection: Connection, email: str, request_id: UUID, open_for: timedelta
) -> None:
    """Have a link mailed; nothing tells the caller whether the address is known.

    The newest record with the address stands for the person: the address itself is stored nowhere
    else, and its requests are counted there.
    """
    found = await records_of(connection, email)
    if not found:
        return
    newest = max(found, key=lambda record: record.id)
    stream = HELD_DATA.stream(newest.id)
    loaded = await store.load(connection, stream)
    requested = loaded.get(stream).decide(
        RequestData(request_id=request_id, expires_at=loaded.now + open_for, at=loaded.now)
    )
    await store.append(connection, str(newest.organizer_id), [requested], at=loaded.now)


async def erase_by_request(connection: Connection, request_id: UUID, erasure_id: UUID) -> Erasure:
    """Erase all that the mailed link shows; once more it answers with the same erasure."""
    opened = await open_request(connection, request_id)
    done = await erase_attendee(connection, opened.attendee_id, erasure_id, "attendee")
    return await view_erasure(connection, done)
