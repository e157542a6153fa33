"""A page's events as contract events."""

from dataclasses import asdict
from typing import Any, assert_never
from uuid import UUID

import contracts.booking as contract
from contracts.event import ContractEvent
from services.booking.domain import page
from services.booking.domain.page_email import PageEmailRequested, PageEmailRequestEnded
from services.booking.domain.profile import Profile
from services.chassis.events.streams import Recorded


def publish(recorded: Recorded[page.Event]) -> ContractEvent:  # noqa: C901 -- a row, a branch
    """Return what subscribers see of the event."""
    organizer_id = UUID(recorded.key)
    match recorded.event:
        case page.PageCreated(_, profile):
            return contract.PageCreated(organizer_id=organizer_id, **_fields(profile))
        case page.PageChanged(_, profile):
            return contract.PageChanged(organizer_id=organizer_id, **_fields(profile))
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
        case page.PageRegularHoursChanged(hours):
            return contract.PageRegularHoursChanged(
                organizer_id=organizer_id, weekly_hours=contract.WeeklyHours(**asdict(hours))
            )
        case page.PageAllowed():
            return contract.PageAllowed(organizer_id=organizer_id)
        case page.PageDenied(rule):
            return contract.PageDenied(organizer_id=organizer_id, rule=rule)
        case PageEmailRequested() as event:
            return contract.PageEmailRequested(
                organizer_id=organizer_id,
                request_id=event.request_id,
                expires_at=event.expires_at,
            )
        case PageEmailRequestEnded() as event:
            return contract.PageEmailRequestEnded(
                organizer_id=organizer_id,
                request_id=event.request_id,
                reason=event.reason,
                ended_at=event.ended_at,
            )
        case event:
            assert_never(event)


def _fields(profile: Profile) -> dict[str, Any]:
    """Return the profile's fields; whether the address was proven by mail is nobody else's use."""
    return {name: value for name, value in asdict(profile).items() if name != "email_proven"}
