"""Changes of policy in words: one line each, for lists and for whoever was slower."""

from typing import Any

from services.operations.policy.printing import shown

NAMES = {
    "ews_enabled": "EwsEnabled",
    "ews_application_access_policy": "EwsApplicationAccessPolicy",
    "ews_allow_list": "EwsAllowList",
    "ews_block_list": "EwsBlockList",
    "bookings_enabled": "BookingsEnabled",
    "domains": "Domains",
    "enabled": "Enabled",
}


def line_of_change(change: dict[str, Any]) -> str:
    """Return when, who, of whom, what became of which setting or why it was refused, and why."""
    whom = change.get("user_id") or (change.get("after") or {}).get("name")
    whom = whom or change.get("whom") or "organization"
    attempt = change.get("attempt")
    if attempt:
        altered = f"refused: {attempt['method']} {attempt['route']} {attempt['status']}"
    else:
        altered = "; ".join(differences(change.get("before"), change.get("after")))
    when = f"{str(change['when'])[:19]}Z"
    why = f"  ({change['why']})" if change["why"] else ""
    return f"{when}  {change['id']}  by {change['who']}  {whom}: {altered}{why}"


def differences(before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[str]:
    """Return each setting that differs, before and after."""
    old, new = before or {}, after or {}
    return [
        f"{NAMES.get(name, name)}: {_short(old.get(name))} -> {_short(new.get(name))}"
        for name in new
        if old.get(name) != new.get(name) and name != "name"
    ]


def _short(value: Any) -> str:
    if isinstance(value, dict):  # a licence
        return ", ".join(f"{name} {shown(each)}" for name, each in value.items())
    return shown(value) or "empty"
