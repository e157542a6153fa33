"""A page's events as contract events."""

from dataclasses import asdict
from typing import assert_never
from uuid import UUID

import contracts.booking as contract
from contracts.event import ContractEvent
from services.booking.domain import page
from services.chassis.events.streams import Recorded


def publish(recorded: Recorded[page.Event]) -> ContractEvent:
    """Return what subscribers see of the event."""
    organizer_id = UUID(recorded.key)
    match recorded.event:
        case page.PageCreated(_, profile):
            return contract.PageCreated(organizer_id=organizer_id, **asdict(profile))
        case page.PageChanged(_, profile):
            return contract.PageChanged(organizer_id=organizer_id, **asdict(profile))
        case page.PagePublished():
            return contract.PagePublished(organizer_id=organizer_id)
        case page.PageUnpublished():
            return contract.PageUnpublished(organizer_id=organizer_id)
        case page.PageAddressRenewed(handle, forwards_until):
            return contract.PageAddressRenewed(
                organizer_id=organizer_id, handle=handle, forwards_until=forwards_until
            )
        case page.PageOnlineMeetingChanged(online_meeting):
            return contract.PageOnlineMeetingChanged(
                organizer_id=organizer_id, **asdict(online_meeting)
            )
        case page.PageAllowed():
            return contract.PageAllowed(organizer_id=organizer_id)
        case page.PageDenied(rule):
            return contract.PageDenied(organizer_id=organizer_id, rule=rule)
        case event:
            assert_never(event)
