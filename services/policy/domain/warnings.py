"""What an administrator is told before a change bites, and has to consent to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from services.policy.domain.access import effective
from services.policy.domain.organization import OrganizationPatch
from services.policy.domain.settings import OrganizationSettings, Policy, UserSettings
from services.policy.domain.user import UserPatch

Code = Literal[
    "cuts_off_other_applications",
    "list_not_in_force",
    "locks_out_everyone",
    "organization_ews_enabled_empty",
]
AnySettings = OrganizationSettings | UserSettings
AnyPatch = OrganizationPatch | UserPatch
_LISTS = {
    "ews_allow_list": ("EwsAllowList", "EnforceAllowList"),
    "ews_block_list": ("EwsBlockList", "EnforceBlockList"),
}
# So many names say enough of a list.
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Warned:
    """One warning: what it is, and a sentence."""

    code: Code
    detail: str


def warnings_of(
    before: AnySettings, after: AnySettings, patch: AnyPatch, application_id: str
) -> list[Warned]:
    """Return what the settings themselves warn of; this application is not one of the others."""
    others = [*_of_others(before, after, application_id)]
    return [*_of_lists(after, patch), *others, *_of_the_switch(before, after)]


def warning_of_lockout(
    before: Policy, after: Policy, *, losing: int, remaining: int
) -> list[Warned]:
    """Return the warning that nobody will have a page: of those known, and of those to come."""
    comes, came = (effective(policy, UserSettings()).enabled for policy in (after, before))
    if remaining or comes or not (came or losing):
        return []
    whom = f"All {losing:,} users who have access lose it" if losing else "Nobody will have a page"
    return [Warned("locks_out_everyone", f"{whom}, and so does everybody who comes later.")]


def _of_lists(after: AnySettings, patch: AnyPatch) -> Iterator[Warned]:
    for name, (field, policy) in _LISTS.items():
        listed = name in patch and getattr(after, name)
        if listed and after.ews_application_access_policy != policy:
            detail = (
                f"{field} is kept and ignored until EwsApplicationAccessPolicy is {policy}; "
                f"it is {after.ews_application_access_policy or 'empty'}."
            )
            yield Warned("list_not_in_force", detail)


def _of_others(before: AnySettings, after: AnySettings, application_id: str) -> Iterator[Warned]:
    if after.ews_application_access_policy != "EnforceAllowList":
        return
    if before.ews_application_access_policy == "EnforceAllowList":
        left = {entry.casefold() for entry in after.ews_allow_list}
        gone = [entry for entry in before.ews_allow_list if entry.casefold() not in left]
        cut = [entry for entry in gone if entry.casefold() != application_id.casefold()]
        if cut:
            detail = f"These applications are cut off: {_named(cut)}."
            yield Warned("cuts_off_other_applications", detail)
        return
    kept = _named(after.ews_allow_list) or "none"
    detail = f"All other applications are cut off; those that stay allowed: {kept}."
    yield Warned("cuts_off_other_applications", detail)


def _of_the_switch(before: AnySettings, after: AnySettings) -> Iterator[Warned]:
    organization = isinstance(after, OrganizationSettings)
    if organization and after.ews_enabled is None and before.ews_enabled is not None:
        detail = "An empty EwsEnabled of the organization counts as on; set it to true to be clear."
        yield Warned("organization_ews_enabled_empty", detail)


def _named(entries: Sequence[str]) -> str:
    more = len(entries) - _NAMED
    named = ", ".join(entries[:_NAMED])
    return f"{named} and {more:,} more" if more > 0 else named
