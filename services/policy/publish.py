"""Policy's domain events as contract events: a pure function of one recorded event."""

from dataclasses import asdict
from typing import assert_never

import contracts.policy as contract
from contracts.event import ContractEvent
from services.chassis.events.streams import Recorded
from services.policy.domain import organization, user


def publish_organization(recorded: Recorded[organization.Event]) -> ContractEvent:
    """Return what subscribers see of the event."""
    event = recorded.event
    return contract.OrganizationPolicyChanged(
        before=contract.OrganizationSettings(**asdict(event.before)),
        after=contract.OrganizationSettings(**asdict(event.after)),
        by=event.by,
        reason=event.reason,
    )


def publish_user(recorded: Recorded[user.Event]) -> ContractEvent:
    """Return what subscribers see of the event."""
    match recorded.event:
        case user.UserPolicyChanged(
            user_id=user_id, before=before, after=after, by=by, reason=reason
        ):
            return contract.UserPolicyChanged(
                user_id=user_id,
                before=contract.UserSettings(**asdict(before)),
                after=contract.UserSettings(**asdict(after)),
                by=by,
                reason=reason,
            )
        case user.AccessGranted(user_id=user_id, rule=rule, decided_by=decided_by):
            return contract.AccessGranted(user_id=user_id, rule=rule, decided_by=decided_by)
        case user.AccessWithdrawn(user_id=user_id, rule=rule, decided_by=decided_by):
            return contract.AccessWithdrawn(user_id=user_id, rule=rule, decided_by=decided_by)
        case event:
            assert_never(event)
