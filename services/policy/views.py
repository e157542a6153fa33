"""Policy's states and records as administrators see them."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from services.policy import answers
from services.policy.audit import AuditRecord
from services.policy.audit_records import AuditEntry
from services.policy.commands import UserAccess
from services.policy.directory.search import FoundUser
from services.policy.domain.access import Access
from services.policy.domain.access import effective as judged
from services.policy.domain.audit_chain import Checked
from services.policy.domain.settings import Policy, SharingPolicy
from services.policy.domain.warnings import Warned
from services.policy.explaining import explanation_of
from services.policy.store import OrganizationAggregate


def organization(loaded: OrganizationAggregate) -> answers.Organization:
    """Return the organization's settings."""
    return answers.Organization(policy_version=loaded.version, **asdict(loaded.state.settings))


def sharing(found: SharingPolicy) -> answers.Sharing:
    """Return a sharing policy."""
    return answers.Sharing(name=found.name, domains=found.domains, enabled=found.enabled)


def user(user_id: UUID, found: UserAccess) -> answers.User:
    """Return a user's settings with their effect."""
    return answers.User(
        id=user_id,
        effective=effective(found.access, found.by.state, found.by.version),
        **asdict(found.user.state.settings),
    )


def listed_user(found: FoundUser, policy: Policy) -> answers.ListedUser:
    """Return a user as lists show them."""
    entry = found.entry
    return answers.ListedUser(
        id=found.id,
        user_name=entry.user_name if entry else None,
        display_name=entry.display_name if entry else None,
        mail=entry.mail if entry else None,
        external_id=entry.external_id if entry else None,
        source=entry.source if entry else None,
        since=entry.since if entry else None,
        active=found.settings.active,
        licence=found.settings.licence,
        enabled=found.enabled,
        deciding_rule=judged(policy, found.settings).deciding.rule,
    )


def warnings(warned: Sequence[Warned]) -> list[answers.WarnedOf]:
    """Return what a change warns of."""
    return [answers.WarnedOf(code=each.code, detail=each.detail) for each in warned]


def effective(access: Access, policy: Policy, version: int) -> answers.EffectiveAccess:
    """Return the effect of all settings on one user, in words too."""
    return answers.EffectiveAccess(
        enabled=access.enabled,
        rules=[answers.RuleResult(**asdict(each)) for each in access.rules],
        deciding_rule=access.deciding.rule,
        denied_by=[each.rule for each in access.denying],
        policy_version=version,
        explanation=explanation_of(access, policy),
    )


def change(record: AuditRecord) -> answers.Change:
    """Return one change that was made."""
    return answers.Change(
        id=record.id,
        who=record.by,
        what=record.what,
        user_id=record.user_id,
        when=record.time,
        why=record.reason,
        before=record.before,
        after=record.after,
    )


def audited(entry: AuditEntry) -> answers.Audited:
    """Return one record of the audit."""
    before, after = entry.settings
    origin, attempt = entry.origin, entry.attempt
    return answers.Audited(
        id=entry.id,
        number=entry.number,
        outcome=entry.outcome,
        who=entry.who,
        what=entry.what,
        whom=entry.whom,
        user_id=entry.user_id,
        when=entry.time,
        why=entry.why,
        origin=answers.Origin(**origin.model_dump()) if origin else None,
        correlation_id=entry.correlation_id,
        before=before,
        after=after,
        attempt=answers.RefusedAttempt(**attempt.model_dump()) if attempt else None,
        digest=entry.digest,
    )


def verification(checked: Checked, *, more: bool) -> answers.AuditVerification:
    """Return what a check of some records has found."""
    return answers.AuditVerification(
        records=checked.records,
        head=str(checked.head),
        more=more,
        faults=[
            answers.AuditFault(number=each.number, time=each.time, detail=each.detail)
            for each in checked.faults
        ],
    )


def imported(found: list[UserAccess]) -> answers.Imported:
    """Return what an import has come to."""
    enabled = sum(each.access.enabled for each in found)
    return answers.Imported(users=len(found), enabled=enabled, disabled=len(found) - enabled)
