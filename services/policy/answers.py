"""What administrators get back from policy, in Exchange's names."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field, JsonValue

from services.chassis.http.listing import Identified
from services.policy.directory.entries import Source
from services.policy.domain.access import Level, Rule
from services.policy.domain.settings import (
    ApplicationPolicy,
    Licence,
    Mode,
    OrganizationSettings,
    SharingMode,
    SharingPolicy,
    UserSettings,
)
from services.policy.domain.warnings import Code

AnySettings = OrganizationSettings | UserSettings | SharingPolicy


class WarnedOf(BaseModel):
    """Something that a change does and that is easily overlooked."""

    code: Code
    detail: str


class Changed(BaseModel):
    """What a change answers beside what it has changed."""

    warnings: list[WarnedOf] = Field(
        default=[], description="What the change that is answered warns of, unless confirmed."
    )


class Lists(Changed):
    """The switch and the lists that the organization and each user have."""

    ews_enabled: bool | None = Field(serialization_alias="EwsEnabled")
    ews_application_access_policy: ApplicationPolicy | None = Field(
        serialization_alias="EwsApplicationAccessPolicy"
    )
    ews_allow_list: tuple[str, ...] = Field(serialization_alias="EwsAllowList")
    ews_block_list: tuple[str, ...] = Field(serialization_alias="EwsBlockList")


class Organization(Lists):
    """The organization's settings as they stand; `policy_version` is that of the whole policy."""

    mode: Mode
    application_id: str
    licence_default: bool
    sharing_mode: SharingMode
    bookings_enabled: bool | None = Field(serialization_alias="BookingsEnabled")
    policy_version: int


class RuleResult(BaseModel):
    """One rule's verdict, the level whose setting decided it, and that setting."""

    rule: Rule
    verdict: bool
    decided_by: Level
    value: bool | str | None
    matched: str | None = Field(description="The entry of a list that counted.")


class Explanation(BaseModel):
    """The verdict in words: a sentence for each rule, then what else helps."""

    da: list[str]
    en: list[str]


class EffectiveAccess(BaseModel):
    """Whether the user may have a page, with each rule's verdict and the one that decided."""

    enabled: bool
    rules: list[RuleResult]
    deciding_rule: Rule
    denied_by: list[Rule]
    policy_version: int
    explanation: Explanation


class User(Lists):
    """A user's settings as they stand, and what follows from them."""

    id: UUID
    licence: Licence | None
    sharing_policy: str | None
    active: bool = Field(description="Whether the directory has the person as active.")
    effective: EffectiveAccess


class ListedUser(Identified):
    """A known user as lists show them: who it is, and whether a page was last allowed."""

    user_name: str | None
    display_name: str | None
    mail: str | None
    external_id: str | None
    source: Source | None = Field(description="What the description is known from.")
    since: datetime | None = Field(description="Since when the user is described.")
    active: bool
    licence: Licence | None
    enabled: bool | None = Field(description="What was decided last; null before that.")
    deciding_rule: Rule = Field(description="The rule that decides by the policy as it stands.")


class Sharing(Changed):
    """A sharing policy as it stands."""

    name: str
    domains: tuple[str, ...] = Field(serialization_alias="Domains")
    enabled: bool = Field(serialization_alias="Enabled")


class Change(Identified):
    """One change of policy: who, what, when, why, before, after."""

    who: str
    what: Literal["organization", "user", "sharing_policy"]
    user_id: UUID | None
    when: datetime
    why: str
    before: AnySettings | None
    after: AnySettings


class Origin(BaseModel):
    """How a request came, and from which network, shortened to IPv4 /24 or IPv6 /48."""

    way: str = Field(description="api, page, command_line, import, scim or graph.")
    network: str | None


class RefusedAttempt(BaseModel):
    """What was asked for and refused, and why."""

    method: str
    route: str
    status: int
    problem: str | None = Field(description="The type of the problem; null on pages.")
    detail: str | None
    if_match: str | None = Field(description="The version that the caller had read.")
    asked: dict[str, JsonValue] | None = Field(
        description="The settings that were asked for; null where they could not be read."
    )
    last_of_budget: bool = Field(
        description="Whether further attempts of this person were not recorded for a while."
    )


class Audited(Identified):
    """A record of the audit: who, what, when, from where, why, before, after."""

    number: int = Field(description="The place in the chain, from 1 without a gap.")
    outcome: Literal["made", "refused"]
    who: str = Field(description="The id of whoever asked; a word for what is no person.")
    what: str = Field(
        description="organization, user, sharing_policy, users (an import), plan, change (an "
        "undo), or what else was asked for."
    )
    whom: str | None = Field(description="The user's id, or the sharing policy's name.")
    user_id: UUID | None
    when: datetime
    why: str
    origin: Origin | None = Field(description="null before this was kept.")
    correlation_id: str | None
    before: AnySettings | None
    after: AnySettings | None = Field(description="null for what was refused.")
    attempt: RefusedAttempt | None = Field(description="null for what was made.")
    digest: str = Field(description="Over this record and the digest before it: SHA-256.")


class AuditFault(BaseModel):
    """What does not fit, at which record of the audit."""

    number: int | None = Field(description="null for an event that is in no record.")
    time: str | None
    detail: str


class AuditVerification(BaseModel):
    """What checking some records of the audit has found."""

    records: int = Field(description="How many records were checked.")
    head: str = Field(description="The last of them, `number:digest`; the next page begins there.")
    more: bool = Field(description="Whether there are records behind it.")
    faults: list[AuditFault]


class Plan(BaseModel):
    """What a change would do; it is made by `POST /plans/{number}/apply`."""

    number: int
    what: Literal["organization", "user", "sharing_policy", "users"]
    name: str | None
    reason: str
    before: AnySettings | None
    after: AnySettings | None
    gains: int = Field(description="How many users would gain access.")
    losses: int = Field(description="How many users would lose it.")
    remaining: int = Field(description="How many users would have it.")
    gaining: list[UUID] = Field(description="The first hundred who would gain it.")
    losing: list[UUID] = Field(description="The first hundred who would lose it.")
    warnings: list[WarnedOf]
    policy_version: int
    made_at: datetime
    applied_at: datetime | None


class Imported(Changed):
    """How many users an import was about, and how many of them may have a page now."""

    users: int
    enabled: int
    disabled: int


class Kept(BaseModel):
    """A user of an import who stays as they are, because of a later change of these settings."""

    user_id: UUID
    settings: list[str]


class ImportUndone(Imported):
    """How many users of an import are as before again, and who is not."""

    kept: list[Kept]
    next_cursor: str | None = Field(description="Send it to undo the next ones; null: all are.")


AnyChanged = Organization | User | Sharing
