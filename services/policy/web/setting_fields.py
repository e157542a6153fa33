"""Settings as the fields of a form, and back: what of them is another one now, as the API takes it.

A setting's control has the setting's own name. What cannot be read goes into the document as it
was typed, so that one set of rules refuses it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from services.policy.domain.settings import (
    Licence,
    OrganizationSettings,
    SharingPolicy,
    UserSettings,
)

Fields = Mapping[str, str]
AnySettings = OrganizationSettings | UserSettings | SharingPolicy

_SWITCH: Mapping[str, bool | None] = {"on": True, "off": False, "": None}
# A user's service plan is several controls: whether there is a record, and what it says.
LICENCE, PLAN, ASSIGNED, ENABLED = "licence", "licence_plan", "licence_assigned", "licence_enabled"
RECORD, TICKED = "record", "yes"


@dataclass(frozen=True, slots=True)
class SettingField:
    """A setting: its name here and in the API, and what kind of control it has."""

    name: str
    alias: str
    kind: Literal["switch", "choice", "text", "list"]

    def typed(self, value: Any) -> str:
        """Return the setting as its control holds it."""
        match value:
            case tuple():
                return "\n".join(value)
            case bool():
                return "on" if value else "off"
            case _:
                return value or ""

    def read(self, text: str) -> Any:
        """Return what was typed as the API takes it."""
        match self.kind:
            case "switch":
                return _SWITCH.get(text, text)
            case "list":
                return [line.strip() for line in text.split("\n") if line.strip()]
            case "choice":
                return text or None
            case "text":
                return text.strip()


SWITCH = SettingField("ews_enabled", "EwsEnabled", "switch")
LISTS = (
    SettingField("ews_application_access_policy", "EwsApplicationAccessPolicy", "choice"),
    SettingField("ews_allow_list", "EwsAllowList", "list"),
    SettingField("ews_block_list", "EwsBlockList", "list"),
)
OF_ORGANIZATION = (
    SWITCH,
    SettingField("mode", "mode", "choice"),
    *LISTS,
    SettingField("application_id", "application_id", "text"),
    SettingField("bookings_enabled", "BookingsEnabled", "switch"),
)
OF_LICENCES = (SettingField("licence_default", "licence_default", "switch"),)
OF_SHARING_MODE = (SettingField("sharing_mode", "sharing_mode", "choice"),)
OF_SHARING_POLICY = (
    SettingField("enabled", "Enabled", "switch"),
    SettingField("domains", "Domains", "list"),
)
OF_USER = (SWITCH, *LISTS, SettingField("sharing_policy", "sharing_policy", "choice"))


def fields_from(settings: AnySettings, controls: Sequence[SettingField]) -> dict[str, str]:
    """Return the settings as a form holds them."""
    fields = {each.name: each.typed(getattr(settings, each.name)) for each in controls}
    if isinstance(settings, UserSettings):
        fields |= _licence_fields(settings.licence)
    return fields


def document_of(
    fields: Fields, settings: AnySettings, controls: Sequence[SettingField]
) -> dict[str, Any]:
    """Return the settings that the form has changed, as the API takes them."""
    found: dict[str, Any] = {}
    for each in controls:
        if each.name not in fields:
            continue
        value, before = each.read(fields[each.name]), getattr(settings, each.name)
        if value != (list(before) if isinstance(before, tuple) else before):
            found[each.alias] = value
    if isinstance(settings, UserSettings) and LICENCE in fields:
        licence = _licence_in(fields)
        if _licence_fields(settings.licence) != _licence_fields_of(licence):
            found[LICENCE] = licence
    return found


def _licence_fields(licence: Licence | None) -> dict[str, str]:
    if licence is None:
        return {LICENCE: "", PLAN: "", ASSIGNED: TICKED, ENABLED: TICKED}
    return {
        LICENCE: RECORD,
        PLAN: licence.plan,
        ASSIGNED: TICKED if licence.assigned else "",
        ENABLED: TICKED if licence.enabled else "",
    }


def _licence_in(fields: Fields) -> dict[str, Any] | None:
    if fields[LICENCE] != RECORD:
        return None
    return {
        "plan": fields.get(PLAN, "").strip(),
        "assigned": fields.get(ASSIGNED) == TICKED,
        "enabled": fields.get(ENABLED) == TICKED,
    }


def _licence_fields_of(licence: dict[str, Any] | None) -> dict[str, str]:
    return _licence_fields(Licence(**licence) if licence else None)
