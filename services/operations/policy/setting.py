"""Commands that set: for the organization, a user, a licence, a sharing policy."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from services.operations.output import Exit, Failure, Json, failures
from services.operations.policy.change import Consent, carry_out
from services.operations.policy.options import (
    Clear,
    DryRun,
    Identity,
    IfMatch,
    Name,
    Reason,
    Yes,
    api_of,
    change_of,
)
from services.operations.policy.settings import (
    MAILBOX,
    ORGANIZATION,
    SHARING,
    ListEdit,
    Resource,
    Value,
    WrongValue,
    sent,
    value_of,
    value_of_text,
)

Text = Annotated[str | None, typer.Option(show_default=False)]
Switch = Annotated[str | None, typer.Option(metavar="true|false|null", show_default=False)]
Policy = Annotated[
    str | None, typer.Option(metavar="EnforceAllowList|EnforceBlockList|null", show_default=False)
]
Entries = Annotated[
    list[str] | None, typer.Option(metavar="ENTRY", show_default=False, help="Can be repeated.")
]
Whole = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ENTRY", show_default=False, help="The whole list, repeated for each entry."
    ),
]
_LIST_NEEDS = "add or remove entries, or give the whole list, not both"


def set_organization_config(
    context: typer.Context,
    ews_enabled: Switch = None,
    ews_application_access_policy: Policy = None,
    ews_allow_list: Whole = None,
    ews_allow_list_add: Entries = None,
    ews_allow_list_remove: Entries = None,
    ews_block_list: Whole = None,
    ews_block_list_add: Entries = None,
    ews_block_list_remove: Entries = None,
    mode: Annotated[
        str | None, typer.Option(metavar="both_must_allow|user_overrides_org", show_default=False)
    ] = None,
    application_id: Text = None,
    licence_default: Switch = None,
    sharing_mode: Annotated[
        str | None, typer.Option(metavar="any_anonymous|strict|not_required", show_default=False)
    ] = None,
    bookings_enabled: Switch = None,
    clear: Clear = None,
    reason: Reason = None,
    if_match: IfMatch = None,
    *,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Change the organization's settings. null or '' empties one."""
    consent = Consent(reason=reason, dry_run=dry_run, yes=yes, if_match=if_match, as_json=as_json)
    texts = {
        "EwsEnabled": ews_enabled,
        "EwsApplicationAccessPolicy": ews_application_access_policy,
        "Mode": mode,
        "ApplicationId": application_id,
        "LicenceDefault": licence_default,
        "SharingMode": sharing_mode,
        "BookingsEnabled": bookings_enabled,
    }
    lists = {
        "EwsAllowList": (ews_allow_list, ews_allow_list_add, ews_allow_list_remove),
        "EwsBlockList": (ews_block_list, ews_block_list_add, ews_block_list_remove),
    }
    _set(context, ORGANIZATION, None, (texts, lists, clear or ()), consent)


def set_cas_mailbox(
    context: typer.Context,
    identity: Identity,
    ews_enabled: Switch = None,
    ews_application_access_policy: Policy = None,
    ews_allow_list: Whole = None,
    ews_allow_list_add: Entries = None,
    ews_allow_list_remove: Entries = None,
    ews_block_list: Whole = None,
    ews_block_list_add: Entries = None,
    ews_block_list_remove: Entries = None,
    sharing_policy: Text = None,
    clear: Clear = None,
    reason: Reason = None,
    if_match: IfMatch = None,
    *,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Change a user's settings. null or '' empties one."""
    consent = Consent(reason=reason, dry_run=dry_run, yes=yes, if_match=if_match, as_json=as_json)
    texts = {
        "EwsEnabled": ews_enabled,
        "EwsApplicationAccessPolicy": ews_application_access_policy,
        "SharingPolicy": sharing_policy,
    }
    lists = {
        "EwsAllowList": (ews_allow_list, ews_allow_list_add, ews_allow_list_remove),
        "EwsBlockList": (ews_block_list, ews_block_list_add, ews_block_list_remove),
    }
    _set(context, MAILBOX, identity, (texts, lists, clear or ()), consent)


def set_sharing_policy(
    context: typer.Context,
    identity: Name = "Default Sharing Policy",
    domains: Whole = None,
    domains_add: Entries = None,
    domains_remove: Entries = None,
    enabled: Switch = None,
    clear: Clear = None,
    reason: Reason = None,
    if_match: IfMatch = None,
    *,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Change a sharing policy. One of a new name is made."""
    consent = Consent(reason=reason, dry_run=dry_run, yes=yes, if_match=if_match, as_json=as_json)
    lists = {"Domains": (domains, domains_add, domains_remove)}
    _set(context, SHARING, identity, ({"Enabled": enabled}, lists, clear or ()), consent)


def set_licence(
    context: typer.Context,
    identity: Identity,
    plan: Annotated[str | None, typer.Option("--plan", help="Its name, such as E3.")] = None,
    assigned: Annotated[bool, typer.Option("--assigned/--not-assigned")] = True,
    enabled: Annotated[bool, typer.Option("--enabled/--disabled")] = True,
    clear: Annotated[
        bool, typer.Option("--clear", help="Remove the record: LicenceDefault counts then.")
    ] = False,
    reason: Reason = None,
    if_match: IfMatch = None,
    *,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Record a user's licence."""
    with failures(as_json=as_json):
        if clear == bool(plan):
            raise Failure(Exit.USAGE, "Say which licence it is: --plan NAME, or --clear.")
        licence = None if clear else {"plan": plan, "assigned": assigned, "enabled": enabled}
        consent = Consent(
            reason=reason, dry_run=dry_run, yes=yes, if_match=if_match, as_json=as_json
        )
        carry_out(api_of(context), change_of(MAILBOX, identity, {"licence": licence}), consent)


Given = tuple[
    Mapping[str, str | None],
    Mapping[str, tuple[Sequence[str] | None, Sequence[str] | None, Sequence[str] | None]],
    Sequence[str],
]


def _set(
    context: typer.Context, resource: Resource, name: str | None, given: Given, consent: Consent
) -> None:
    with failures(as_json=consent.as_json):
        body = _body(resource, given)
        if not body:
            options = ", ".join(each.option for each in resource.settings)
            raise Failure(Exit.USAGE, "Say what to change.", f"There are: {options}.")
        carry_out(api_of(context), change_of(resource, name, body), consent)


def _body(resource: Resource, given: Given) -> dict[str, object]:
    """Return the settings to change as the API takes them; raise Failure."""
    texts, lists, cleared = given
    body: dict[str, object] = {}
    for setting in resource.settings:
        text, entries = texts.get(setting.name), lists.get(setting.name, (None, None, None))
        empty = setting.option.lstrip("-") in (each.lstrip("-") for each in cleared)
        if text is None and not any(entries) and not empty:
            continue
        if empty and (text is not None or any(entries)):
            raise Failure(Exit.USAGE, f"{setting.option} is both set and cleared.")
        try:
            value = value_of(setting, None) if empty else None
            if not empty:
                value = _edited(*entries) if any(entries) else value_of_text(setting, text or "")
        except WrongValue as fault:
            raise Failure(Exit.USAGE, f"{setting.option}: {fault}") from fault
        body[setting.field] = sent(value)
    known = [each.option.lstrip("-") for each in resource.settings]
    if unknown := [each for each in cleared if each.lstrip("-") not in known]:
        raise Failure(
            Exit.USAGE, f"--clear {unknown[0]}: no such setting.", f"There are: {', '.join(known)}."
        )
    return body


def _edited(
    whole: Sequence[str] | None, added: Sequence[str] | None, removed: Sequence[str] | None
) -> Value:
    """Return what becomes of a list; the whole one is emptied by `''` or null."""
    if not whole:
        return ListEdit(tuple(added or ()), tuple(removed or ()))
    if added or removed:
        raise WrongValue(f"{_LIST_NEEDS}.")
    return () if list(whole) in ([""], ["null"]) else tuple(whole)
