"""The events about what is held as contract events."""

from typing import assert_never
from uuid import UUID

import contracts.booking as contract
from contracts.event import ContractEvent
from services.booking.domain import held_data
from services.chassis.events.streams import Recorded


def publish(recorded: Recorded[held_data.Event]) -> ContractEvent:
    """Return what subscribers see of the event."""
    organizer_id, attendee_id = UUID(recorded.key), UUID(recorded.subject)
    match recorded.event:
        case held_data.DataRequested() as event:
            return contract.DataRequested(
                organizer_id=organizer_id,
                attendee_id=attendee_id,
                request_id=event.request_id,
                expires_at=event.expires_at,
            )
        case held_data.DataErased() as event:
            return contract.DataErased(
                organizer_id=organizer_id,
                attendee_id=attendee_id,
                booking_id=event.booking_id,
                link_id=event.link_id,
                link_ended=event.link_ends,
                erasure_id=event.erasure_id,
                by=event.by,
                erased_at=event.at,
            )
        case event:
            assert_never(event)
