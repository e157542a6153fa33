"""What the policy service publishes: administrators' settings, and who may use the product."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts.event import ContractEvent, Value
from contracts.topics import POLICY_EVENTS
from contracts.values import Id, Rule

Mode = Annotated[
    Literal["both_must_allow", "user_overrides_org"],
    Field(description="What counts where the organization's and the user's switches differ."),
]


ApplicationPolicy = Literal["EnforceAllowList", "EnforceBlockList"]

PolicyVersion = Annotated[
    int | None,
    Field(
        description="The version of the policy for everybody that this belongs to: it grows with "
        "each OrganizationPolicyChanged and SharingPolicyChanged. Null in events of before it.",
    ),
]


class Lists(Value):
    """What the organization and a user may each have: a switch, and lists of applications."""

    ews_enabled: bool | None = Field(description="`EwsEnabled`; null is empty.")
    ews_application_access_policy: ApplicationPolicy | None = Field(
        default=None, description="`EwsApplicationAccessPolicy`; null is empty."
    )
    ews_allow_list: tuple[str, ...] = Field(
        default=(), strict=False, description="`EwsAllowList`; `*` stands for any text."
    )
    ews_block_list: tuple[str, ...] = Field(
        default=(), strict=False, description="`EwsBlockList`; `*` stands for any text."
    )


class OrganizationSettings(Lists):
    """The organization's settings."""

    mode: Mode
    application_id: str = Field(
        default="MicrosoftOWSPersonalBookings",
        description="By what name the lists mean this product.",
    )
    licence_default: bool = Field(
        default=True, description="Whether a user without a record of a licence has one."
    )
    sharing_mode: Literal["any_anonymous", "strict", "not_required"] = Field(
        default="any_anonymous", description="What is asked of the sharing policies."
    )
    bookings_enabled: bool | None = Field(
        default=None,
        description="Of the shared calendars of Bookings; it turns no personal page on or off.",
    )


class Licence(Value):
    """A user's service plan."""

    plan: str
    assigned: bool
    enabled: bool


class UserSettings(Lists):
    """One user's settings."""

    licence: Licence | None = None
    sharing_policy: str | None = None
    active: bool = Field(
        default=True,
        description="Whether the directory has the person as active; who is not has no page.",
    )


class SharingPolicy(Value):
    """What may be shared with which domains."""

    name: str
    domains: tuple[str, ...] = Field(
        strict=False, examples=[["Anonymous:CalendarSharingFreeBusyReviewer"]]
    )
    enabled: bool


class Changed(ContractEvent):
    """A change of settings: who made it and why."""

    TOPIC: ClassVar[str] = POLICY_EVENTS

    by: str = Field(
        description="The id of the administrator who made the change; or `scim`, `graph`."
    )
    reason: str


class OrganizationPolicyChanged(Changed):
    """The organization's settings have changed; who is affected follows in events of their own."""

    TYPE = "io.bookwith.policy.OrganizationPolicyChanged.v1"
    KEY: ClassVar[str] = "organization"
    SUBJECT: ClassVar[str] = "organization"

    before: OrganizationSettings
    after: OrganizationSettings
    policy_version: PolicyVersion = None
    closes_all: bool = Field(
        default=False, description="Whether nobody may have a page from now on."
    )


class SharingPolicyChanged(Changed):
    """A sharing policy has changed, or is new; who is affected follows in events of their own."""

    TYPE = "io.bookwith.policy.SharingPolicyChanged.v1"
    KEY: ClassVar[str] = "organization"
    SUBJECT: ClassVar[str] = "organization"

    before: SharingPolicy | None
    after: SharingPolicy
    policy_version: PolicyVersion = None
    closes_all: bool = Field(
        default=False, description="Whether nobody may have a page from now on."
    )


class PolicyApplied(ContractEvent):
    """Every user who was known is decided by this version of the policy."""

    TYPE = "io.bookwith.policy.PolicyApplied.v1"
    TOPIC: ClassVar[str] = POLICY_EVENTS
    KEY: ClassVar[str] = "organization"
    SUBJECT: ClassVar[str] = "rollout"

    policy_version: int


class UserPolicyChanged(Changed):
    """One user's settings have changed."""

    TYPE = "io.bookwith.policy.UserPolicyChanged.v1"
    KEY: ClassVar[str] = "user_id"
    SUBJECT: ClassVar[str] = "user_id"

    user_id: Id
    before: UserSettings
    after: UserSettings


class OfAccess(ContractEvent):
    """Whether a user may use the product, and the rule that decided it."""

    TOPIC: ClassVar[str] = POLICY_EVENTS
    KEY: ClassVar[str] = "user_id"
    SUBJECT: ClassVar[str] = "user_id"

    user_id: Id
    rule: Rule
    decided_by: str = Field(
        description="Whose setting decided.", examples=["organization", "user", "default"]
    )
    value: bool | str | None = Field(default=None, description="The setting that decided.")
    policy_version: PolicyVersion = None


class AccessGranted(OfAccess):
    """The user may use the product, from now on."""

    TYPE = "io.bookwith.policy.AccessGranted.v1"


class AccessWithdrawn(OfAccess):
    """The user may not use the product, from now on."""

    TYPE = "io.bookwith.policy.AccessWithdrawn.v1"
