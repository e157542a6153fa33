"""Whether a user may have a page, and which setting decided it: the administrators' rules."""

from dataclasses import dataclass
from typing import Literal

from services.policy.domain.patterns import match
from services.policy.domain.settings import (
    DEFAULT_SHARING_POLICY,
    INITIAL_SHARING,
    REVIEWER,
    Mode,
    OrganizationSettings,
    Policy,
    SharingPolicy,
    UserSettings,
)

Rule = Literal[
    "ews_enabled", "ews_application_access_policy", "licence", "sharing_policy", "account"
]
Level = Literal["organization", "user", "default"]

_SPECIFIC: dict[Level, int] = {"default": 0, "organization": 1, "user": 2}
# Any of these tells when somebody is busy.
_FREE_BUSY = frozenset(
    f"calendarsharingfreebusy{detail}" for detail in ("simple", "detail", "reviewer")
)


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """One rule's verdict, the level whose setting decided it, and that setting.

    `matched` is the entry of a list, or of a sharing policy, that counted.
    """

    rule: Rule
    verdict: bool
    decided_by: Level
    value: bool | str | None
    matched: str | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """A user's effective state: enabled when every rule says so."""

    enabled: bool
    rules: tuple[RuleVerdict, ...]

    @property
    def deciding(self) -> RuleVerdict:
        """The first rule that denies; where all allow, the first with the most specific setting."""
        if self.enabled:
            return max(self.rules, key=lambda rule: _SPECIFIC[rule.decided_by])
        return next(rule for rule in self.rules if not rule.verdict)

    @property
    def denying(self) -> tuple[RuleVerdict, ...]:
        """All the rules that deny: who is to have a page needs each of them reversed."""
        return tuple(rule for rule in self.rules if not rule.verdict)


def effective(policy: Policy, user: UserSettings) -> Access:
    """Return the user's effective state with the verdict of each rule."""
    organization = policy.settings
    return conclude(
        ews_enabled(organization.ews_enabled, user.ews_enabled, organization.mode),
        application_access(organization, user),
        licence(organization, user),
        sharing(policy, user),
        account(user),
    )


def conclude(*rules: RuleVerdict) -> Access:
    """Return the access that the rules give together: each must allow."""
    return Access(all(rule.verdict for rule in rules), rules)


def ews_enabled(organization: bool | None, user: bool | None, mode: Mode) -> RuleVerdict:
    """Return the verdict of the two switches; an empty one leaves it to the other."""
    match organization, user, mode:
        case False, _, "both_must_allow":
            return RuleVerdict("ews_enabled", False, "organization", False)
        case _, bool(), _:
            return RuleVerdict("ews_enabled", user, "user", user)
        case bool(), _, _:
            return RuleVerdict("ews_enabled", organization, "organization", organization)
        case _:
            return RuleVerdict("ews_enabled", True, "default", None)


def application_access(organization: OrganizationSettings, user: UserSettings) -> RuleVerdict:
    """Return the verdict of the lists: of the user's policy if there is one, else of everybody's.

    Only the list that belongs to the policy counts, and only at the level that has the policy.
    """
    rule: Rule = "ews_application_access_policy"
    source: OrganizationSettings | UserSettings
    level: Level
    source, level = (
        (user, "user") if user.ews_application_access_policy else (organization, "organization")
    )
    match source.ews_application_access_policy:
        case None:
            return RuleVerdict(rule, True, "default", None)
        case "EnforceAllowList" as policy:
            found = match_of(source.ews_allow_list, organization)
            return RuleVerdict(rule, found is not None, level, policy, found)
        case policy:
            found = match_of(source.ews_block_list, organization)
            return RuleVerdict(rule, found is None, level, policy, found)


def match_of(entries: tuple[str, ...], organization: OrganizationSettings) -> str | None:
    """Return the entry that means this application."""
    return match(entries, organization.application_id)


def licence(organization: OrganizationSettings, user: UserSettings) -> RuleVerdict:
    """Return the verdict of the service plan; who has no record has the organization's default."""
    held = user.licence
    if held is not None:
        return RuleVerdict("licence", held.assigned and held.enabled, "user", held.plan)
    default = organization.licence_default
    return RuleVerdict("licence", default, "default" if default else "organization", default)


def sharing(policy: Policy, user: UserSettings) -> RuleVerdict:
    """Return whether free and busy times may be shown to anybody."""
    rule: Rule = "sharing_policy"
    match policy.settings.sharing_mode:
        case "not_required" as mode:
            return RuleVerdict(rule, True, "organization", mode)
        case "strict":
            name, wanted = None, frozenset({REVIEWER.casefold()})
        case _:
            name, wanted = user.sharing_policy, _FREE_BUSY
    found = policy.sharing_policy(name)
    level: Level = "user" if name else "default" if found == INITIAL_SHARING else "organization"
    shared = _shared(found, wanted)
    value = found.name if found else name or DEFAULT_SHARING_POLICY
    return RuleVerdict(rule, shared is not None, level, value, shared)


def account(user: UserSettings) -> RuleVerdict:
    """Return whether the person is active in the directory; who is in none counts as active."""
    if user.active:
        return RuleVerdict("account", True, "default", None)
    return RuleVerdict("account", False, "user", False)


def _shared(found: SharingPolicy | None, wanted: frozenset[str]) -> str | None:
    if found is None or not found.enabled:
        return None
    actions = found.anonymous_actions()
    return next((action for action in actions if action.casefold() in wanted), None)


def closes_all(policy: Policy) -> bool:
    """Tell whether nobody may have a page, whatever is set for them."""
    settings = policy.settings
    switched_off = settings.ews_enabled is False and settings.mode == "both_must_allow"
    return switched_off or (
        settings.sharing_mode == "strict" and not sharing(policy, UserSettings()).verdict
    )
