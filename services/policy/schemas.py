"""What administrators send to policy, in Exchange's names."""

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from services.chassis.http.faults import FieldFaults
from services.chassis.text.typed import trimmed
from services.policy.domain import organization, settings, user
from services.policy.domain.patterns import ListChange, pattern_fault
from services.policy.domain.settings import ApplicationPolicy, Mode, SharingMode, domain_fault

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
MOST_IMPORTED = 500


def _plain(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("must not contain control characters")
    return text


def _each(fault_of: Callable[[str], str | None]) -> AfterValidator:
    """Refuse a list with the place and the fault of each entry that has one."""

    def checked(entries: Sequence[str]) -> Sequence[str]:
        faults = [(f"/{place}", fault_of(entry)) for place, entry in enumerate(entries)]
        if found := [(pointer, detail) for pointer, detail in faults if detail]:
            raise FieldFaults(found)
        return entries

    return AfterValidator(checked)


Patterns = Annotated[list[str], _each(pattern_fault)]
Domains = Annotated[list[str], _each(domain_fault)]
Reason = Annotated[str, AfterValidator(trimmed), Field(max_length=1000), AfterValidator(_plain)]
Name = Annotated[
    str, AfterValidator(trimmed), Field(min_length=1, max_length=128), AfterValidator(_plain)
]


# What the directory keeps of a user.
Described = Annotated[
    str, AfterValidator(trimmed), Field(min_length=1, max_length=256), AfterValidator(_plain)
]


class Strict(BaseModel):
    """A part of a request: what it does not know is refused."""

    model_config = ConfigDict(extra="forbid", validate_by_name=True, validate_by_alias=True)


class Entries(Strict):
    """Entries added to a list and removed from it; the other ones stay."""

    add: list[str] = Field(default=[], validation_alias=AliasChoices("add", "Add"))
    remove: list[str] = Field(default=[], validation_alias=AliasChoices("remove", "Remove"))

    @field_validator("remove")
    @classmethod
    def _not_added_too(cls, removed: list[str], others: ValidationInfo) -> list[str]:
        added = {entry.casefold() for entry in others.data.get("add", ())}
        if both := [entry for entry in removed if entry.casefold() in added]:
            raise ValueError(f"{both[0]!r} must not be both added and removed")
        return removed


class PatternEntries(Entries):
    """Patterns of applications added to a list and removed from it."""

    add: Patterns = Field(default=[], validation_alias=AliasChoices("add", "Add"))


class DomainEntries(Entries):
    """Domains added to a sharing policy and removed from it."""

    add: Domains = Field(default=[], validation_alias=AliasChoices("add", "Add"))


class Consented(Strict):
    """What every change says: why, and whether it is meant in spite of its warnings."""

    reason: Reason = ""
    confirm: bool | None = Field(
        default=None,
        description="false: refused where it warns of something, which the refusal says; "
        "left out, it is made and answered with its warnings.",
    )


class Patch(Consented):
    """The settings to change, in Exchange's names; null empties one. Every change has a reason."""

    NULLABLE: ClassVar[frozenset[str]] = frozenset({"ews_enabled", "ews_application_access_policy"})

    ews_enabled: bool | None = Field(default=None, alias="EwsEnabled")
    ews_application_access_policy: ApplicationPolicy | None = Field(
        default=None, alias="EwsApplicationAccessPolicy"
    )
    ews_allow_list: Patterns | PatternEntries | None = Field(default=None, alias="EwsAllowList")
    ews_block_list: Patterns | PatternEntries | None = Field(default=None, alias="EwsBlockList")

    def fields(self) -> dict[str, Any]:
        """Return what is to change, as the domain takes it; null empties what can be empty."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        return {
            name: list_change(value) if name in ("ews_allow_list", "ews_block_list") else value
            for name, value in given.items()
            if name not in Consented.model_fields
            and name not in ("user", "display_name", "mail")
            and (value is not None or name in self.NULLABLE or name.endswith("_list"))
        }


def list_change(value: list[str] | Entries | None) -> ListChange:
    """Return what becomes of a list; null empties it."""
    if isinstance(value, Entries):
        return ListChange(add=tuple(value.add), remove=tuple(value.remove))
    return ListChange(tuple(value or ()))


class OrganizationChange(Patch):
    """The organization's settings to change."""

    NULLABLE: ClassVar[frozenset[str]] = Patch.NULLABLE | {"bookings_enabled"}

    mode: Mode | None = None
    application_id: Name | None = None
    licence_default: bool | None = None
    sharing_mode: SharingMode | None = None
    bookings_enabled: bool | None = Field(default=None, alias="BookingsEnabled")

    def command(self, by: str) -> organization.Command:
        """Return the command that this asks for."""
        patch: organization.OrganizationPatch = self.fields()  # type: ignore[assignment]  # its fields
        return organization.ChangeOrganizationPolicy(patch=patch, by=by, reason=self.reason)


class Licence(Strict):
    """A user's service plan."""

    plan: Name
    assigned: bool
    enabled: bool


class UserFields(Patch):
    """A user's settings to change."""

    NULLABLE: ClassVar[frozenset[str]] = Patch.NULLABLE | {"licence", "sharing_policy"}

    licence: Licence | None = None
    sharing_policy: Name | None = None
    active: bool | None = Field(
        default=None,
        description="Whether the directory has the person as active; who is not has no page.",
    )

    def user_patch(self) -> user.UserPatch:
        """Return what is to change, as the domain takes it."""
        patch: user.UserPatch = self.fields()  # type: ignore[assignment]  # its fields
        if self.licence is not None and "licence" in self.model_fields_set:
            patch["licence"] = settings.Licence(**self.licence.model_dump())
        return patch


class UserChange(UserFields):
    """One user's settings to change."""

    def command(self, user_id: UUID, by: str) -> user.ChangeUserPolicy:
        """Return the command that this asks for."""
        patch = self.user_patch()
        return user.ChangeUserPolicy(user_id=user_id, patch=patch, by=by, reason=self.reason)


class SharingChange(Consented):
    """A sharing policy as it is to be; what is left out stays."""

    domains: Domains | DomainEntries | None = Field(default=None, alias="Domains")
    enabled: bool | None = Field(default=None, alias="Enabled")

    def command(self, name: str, by: str) -> organization.Command:
        """Return the command that this asks for."""
        patch: organization.SharingPatch = {}
        if "domains" in self.model_fields_set:
            patch["domains"] = list_change(self.domains)
        if self.enabled is not None:
            patch["enabled"] = self.enabled
        return organization.ChangeSharingPolicy(name=name, patch=patch, by=by, reason=self.reason)


class ImportedUser(UserFields):
    """One user of an import: who it is, by id or identity, and the settings to change."""

    user: Annotated[str, Field(min_length=1, max_length=256), AfterValidator(_plain)]
    display_name: Described | None = Field(
        default=None, description="The user's name, to find them by; a plan does not keep it."
    )
    mail: Described | None = Field(
        default=None, description="The user's mail address; a plan does not keep it."
    )


class Import(Consented):
    """Settings of many users, all of them or none."""

    users: list[ImportedUser] = Field(min_length=1, max_length=MOST_IMPORTED)
