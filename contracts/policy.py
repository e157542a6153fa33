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


class OrganizationSettings(Value):
    """The organization's settings."""

    ews_enabled: bool | None = Field(description="`EwsEnabled`; null is empty.")
    mode: Mode


class UserSettings(Value):
    """One user's settings."""

    ews_enabled: bool | None = Field(description="`EwsEnabled`; null is empty.")


class Changed(ContractEvent):
    """A change of settings: who made it and why."""

    TOPIC: ClassVar[str] = POLICY_EVENTS

    by: str = Field(description="The id of the administrator who made the change.")
    reason: str


class OrganizationPolicyChanged(Changed):
    """The organization's settings have changed; who is affected follows in events of their own."""

    TYPE = "io.bookwith.policy.OrganizationPolicyChanged.v1"
    KEY: ClassVar[str] = "organization"
    SUBJECT: ClassVar[str] = "organization"

    before: OrganizationSettings
    after: OrganizationSettings


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


class AccessGranted(OfAccess):
    """The user may use the product, from now on."""

    TYPE = "io.bookwith.policy.AccessGranted.v1"


class AccessWithdrawn(OfAccess):
    """The user may not use the product, from now on."""

    TYPE = "io.bookwith.policy.AccessWithdrawn.v1"
