"""An offer's events as contract events."""

from typing import assert_never
from uuid import UUID

import contracts.booking as contract
from contracts.event import ContractEvent
from contracts.values import Period
from services.booking.domain import offer
from services.chassis.events.streams import Recorded


def publish(recorded: Recorded[offer.Event]) -> ContractEvent:
    """Return what subscribers see of the event."""
    organizer_id, offer_id = UUID(recorded.key), UUID(recorded.subject)
    match recorded.event:
        case offer.OfferMade() as event:
            return contract.OfferMade(
                organizer_id=organizer_id,
                offer_id=offer_id,
                meeting_type_id=event.meeting_type_id,
                link_id=event.link_id,
                times=tuple(Period(start=each.start, end=each.end) for each in event.slots),
                held=event.held,
                expires_at=event.expires_at,
            )
        case offer.OfferWithdrawn() as event:
            return contract.OfferWithdrawn(
                organizer_id=organizer_id,
                offer_id=offer_id,
                meeting_type_id=event.meeting_type_id,
                link_id=event.link_id,
            )
        case event:
            assert_never(event)
