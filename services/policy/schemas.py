"""What administrators send to policy, and what they get back, in Exchange's names."""

import re
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.chassis.http.listing import Identified
from services.chassis.text.typed import trimmed
from services.policy.domain.access import Level, Mode, OrganizationSettings, Rule, UserSettings

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def _plain(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("must not contain control characters")
    return text


class Patch(BaseModel):
    """The settings to change, in Exchange's names; null empties one. Every change has a reason."""

    model_config = ConfigDict(extra="forbid", validate_by_name=True)

    ews_enabled: bool | None = Field(default=None, alias="EwsEnabled")
    reason: Annotated[
        str, AfterValidator(trimmed), Field(max_length=1000), AfterValidator(_plain)
    ] = ""


class OrganizationChange(Patch):
    """The organization's settings."""

    mode: Mode | None = None


class Organization(BaseModel):
    """The organization's settings as they stand."""

    ews_enabled: bool | None = Field(serialization_alias="EwsEnabled")
    mode: Mode


class RuleResult(BaseModel):
    """One rule's verdict, the level whose setting decided it, and that setting."""

    rule: Rule
    verdict: bool
    decided_by: Level
    value: bool | str | None


class EffectiveAccess(BaseModel):
    """Whether the user may have a page, with each rule's verdict."""

    enabled: bool
    rules: list[RuleResult]


class User(BaseModel):
    """A user's settings as they stand, and what follows from them."""

    id: UUID
    ews_enabled: bool | None = Field(serialization_alias="EwsEnabled")
    effective: EffectiveAccess


class Change(Identified):
    """One change of policy: who, what, when, why, before, after."""

    who: str
    what: Literal["organization", "user"]
    user_id: UUID | None
    when: datetime
    why: str
    before: OrganizationSettings | UserSettings
    after: OrganizationSettings | UserSettings
