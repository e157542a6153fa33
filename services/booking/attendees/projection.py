"""What the events about held data change: whose a mailed link is, and what was erased when."""

from collections.abc import Iterable
from uuid import UUID

from services.booking.attendees import erasure_records
from services.booking.domain import held_data
from services.chassis.events.streams import Recorded
from services.chassis.postgres.database import Statement


def project(recorded: Recorded[held_data.Event]) -> Iterable[Statement]:
    """Return what the event changes."""
    attendee_id, organizer_id = UUID(recorded.subject), UUID(recorded.key)
    match recorded.event:
        case held_data.DataRequested(request_id=request_id):
            yield erasure_records.add_request(request_id, attendee_id, organizer_id)
        case held_data.DataErased() as erased:
            yield erasure_records.add_erasure(attendee_id, organizer_id, erased)
