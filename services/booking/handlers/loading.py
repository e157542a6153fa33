"""Loading a booking with the streams that rules about it read."""

from uuid import UUID

from services.booking import queries
from services.booking.domain import booking, meeting_type
from services.booking.domain.refusals import NotFound
from services.booking.queries import Place
from services.booking.store import BOOKING, MEETING_TYPE, PAGE, PRIVATE_LINK, store
from services.chassis.events.store import Aggregate, Loaded
from services.chassis.postgres.database import Connection


async def load_booking(
    connection: Connection, booking_id: UUID
) -> tuple[Place, Loaded, Aggregate[booking.State, booking.Event]]:
    """Return the booking with the streams that rules about it read."""
    place = await queries.place_of(connection, booking_id)
    if place is None:
        raise NotFound("booking")
    link_streams = [PRIVATE_LINK.stream(place.link_id)] if place.link_id else []
    loaded = await store.load(
        connection,
        BOOKING.stream(booking_id),
        MEETING_TYPE.stream(place.meeting_type_id),
        PAGE.stream(place.organizer_id),
        *link_streams,
    )
    return place, loaded, loaded.get(BOOKING, booking_id)


def settings_of(loaded: Loaded, place: Place) -> meeting_type.Settings:
    """Return the rules that the booking follows."""
    return meeting_type.last_settings(loaded.get(MEETING_TYPE, place.meeting_type_id).state)
