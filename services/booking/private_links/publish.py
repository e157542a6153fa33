"""A private link's events as contract events."""

from dataclasses import asdict
from typing import assert_never
from uuid import UUID

import contracts.booking as contract
from contracts.event import ContractEvent
from services.booking.domain import private_link
from services.chassis.events.streams import Recorded


def publish(recorded: Recorded[private_link.Event]) -> ContractEvent:
    """Return what subscribers see of the event."""
    organizer_id, link_id = UUID(recorded.key), UUID(recorded.subject)
    match recorded.event:
        case private_link.PrivateLinkIssued() as event:
            return contract.PrivateLinkIssued(
                organizer_id=organizer_id,
                link_id=link_id,
                meeting_type_id=event.meeting_type_id,
                offer_id=event.offer_id,
                **asdict(event.limits),
            )
        case private_link.PrivateLinkChanged(meeting_type_id, limits):
            return contract.PrivateLinkChanged(
                organizer_id=organizer_id,
                link_id=link_id,
                meeting_type_id=meeting_type_id,
                **asdict(limits),
            )
        case private_link.LinkUseTaken(booking_id):
            return contract.LinkUseTaken(
                organizer_id=organizer_id, link_id=link_id, booking_id=booking_id
            )
        case private_link.LinkUseReturned(booking_id):
            return contract.LinkUseReturned(
                organizer_id=organizer_id, link_id=link_id, booking_id=booking_id
            )
        case private_link.LinkUseConsumed(booking_id):
            return contract.LinkUseConsumed(
                organizer_id=organizer_id, link_id=link_id, booking_id=booking_id
            )
        case private_link.LinkExpired() as event:
            return contract.LinkExpired(
                organizer_id=organizer_id,
                link_id=link_id,
                meeting_type_id=event.meeting_type_id,
                reason=event.reason,
                expired_at=event.expired_at,
            )
        case event:
            assert_never(event)
