"""Policy's states and records as administrators see them."""

from uuid import UUID

from services.policy import schemas
from services.policy.audit import AuditRecord
from services.policy.commands import UserAccess
from services.policy.domain.access import Access
from services.policy.store import OrganizationAggregate


def organization(loaded: OrganizationAggregate) -> schemas.Organization:
    """Return the organization's settings."""
    return schemas.Organization(ews_enabled=loaded.state.ews_enabled, mode=loaded.state.mode)


def user(user_id: UUID, found: UserAccess) -> schemas.User:
    """Return a user's settings with their effect."""
    return schemas.User(
        id=user_id,
        ews_enabled=found.user.state.settings.ews_enabled,
        effective=effective(found.access),
    )


def effective(access: Access) -> schemas.EffectiveAccess:
    """Return the effect of all settings on one user."""
    return schemas.EffectiveAccess(
        enabled=access.enabled,
        rules=[
            schemas.RuleResult(
                rule=each.rule,
                verdict=each.verdict,
                decided_by=each.decided_by,
                value=each.value,
            )
            for each in access.rules
        ],
    )


def change(record: AuditRecord) -> schemas.Change:
    """Return one change that was made."""
    return schemas.Change(
        id=record.id,
        who=record.by,
        what="organization" if record.user_id is None else "user",
        user_id=record.user_id,
        when=record.time,
        why=record.reason,
        before=record.before,
        after=record.after,
    )
