"""Whether a user may use the product, and who decided it: the administrators' rules as a table."""

from dataclasses import dataclass
from typing import Literal

Mode = Literal["both_must_allow", "user_overrides_org"]
Rule = Literal["ews_enabled"]
Level = Literal["organization", "user", "default"]


@dataclass(frozen=True, slots=True)
class OrganizationSettings:
    """What an administrator set for everybody; `None` is empty."""

    ews_enabled: bool | None = None
    mode: Mode = "both_must_allow"


@dataclass(frozen=True, slots=True)
class UserSettings:
    """What an administrator set for one user; `None` is empty."""

    ews_enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """One rule's verdict, the level whose setting decided it, and that setting."""

    rule: Rule
    verdict: bool
    decided_by: Level
    value: bool | str | None


@dataclass(frozen=True, slots=True)
class Access:
    """A user's effective state: enabled when every rule says so."""

    enabled: bool
    rules: tuple[RuleVerdict, ...]

    @property
    def deciding(self) -> RuleVerdict:
        """The first rule that denies; where all allow, the last one."""
        return next((rule for rule in self.rules if not rule.verdict), self.rules[-1])


def effective(organization: OrganizationSettings, user: UserSettings) -> Access:
    """Return the user's effective state with the verdict of each rule."""
    return conclude(ews_enabled(organization.ews_enabled, user.ews_enabled, organization.mode))


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
