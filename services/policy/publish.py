"""Policy's domain events as contract events: a pure function of one recorded event."""

from dataclasses import asdict
from typing import Any, assert_never

import contracts.policy as contract
from contracts.event import ContractEvent
from services.chassis.events.streams import Recorded
from services.policy.domain import organization, rollout, user
from services.policy.domain.settings import UserSettings


def publish_organization(recorded: Recorded[organization.Event]) -> ContractEvent:
    """Return what subscribers see of the event; the stream's version is the policy's."""
    match recorded.event:
        case organization.OrganizationPolicyChanged() as event:
            return contract.OrganizationPolicyChanged(
                before=contract.OrganizationSettings(**asdict(event.before)),
                after=contract.OrganizationSettings(**asdict(event.after)),
                by=event.by,
                reason=event.reason,
                policy_version=recorded.version,
                closes_all=event.closes_all,
            )
        case organization.SharingPolicyChanged() as event:
            return contract.SharingPolicyChanged(
                before=contract.SharingPolicy(**asdict(event.before)) if event.before else None,
                after=contract.SharingPolicy(**asdict(event.after)),
                by=event.by,
                reason=event.reason,
                policy_version=recorded.version,
                closes_all=event.closes_all,
            )
        case event:
            assert_never(event)


def publish_rollout(recorded: Recorded[rollout.Event]) -> ContractEvent:
    """Return what subscribers see of the event."""
    return contract.PolicyApplied(policy_version=recorded.event.policy_version)


def publish_user(recorded: Recorded[user.Event]) -> ContractEvent:
    """Return what subscribers see of the event."""
    match recorded.event:
        case user.UserPolicyChanged(
            user_id=user_id, before=before, after=after, by=by, reason=reason
        ):
            return contract.UserPolicyChanged(
                user_id=user_id,
                before=_user(before),
                after=_user(after),
                by=by,
                reason=reason,
            )
        case user.AccessGranted() as decided:
            return contract.AccessGranted(**_decision(decided))
        case user.AccessWithdrawn() as decided:
            return contract.AccessWithdrawn(**_decision(decided))
        case event:
            assert_never(event)


def _user(settings: UserSettings) -> contract.UserSettings:
    return contract.UserSettings.model_validate(asdict(settings))


def _decision(decided: user.AccessGranted | user.AccessWithdrawn) -> dict[str, Any]:
    # By name: `asdict` copies deeply, and a change for everybody makes many of these.
    return {
        "user_id": decided.user_id,
        "rule": decided.rule,
        "decided_by": decided.decided_by,
        "value": decided.value,
        "policy_version": decided.policy_version,
    }
