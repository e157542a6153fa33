"""A change of policy: with its reason, tried by a dry run, consented to where it warns, made."""

import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import typer

from services.operations.http_client import Answer
from services.operations.output import Exit, Failure, print_data
from services.operations.policy.access import PolicyApi, refusal
from services.operations.policy.history import line_of_change
from services.operations.policy.plans import print_plan
from services.operations.policy.printing import format_list
from services.operations.policy.settings import Document, Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What comes with every change: why, and how it is meant."""

    reason: str | None
    dry_run: bool = False
    yes: bool = False
    if_match: str | None = None
    as_json: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Settings of one resource to change."""

    resource: Resource
    method: str
    path: str
    body: Mapping[str, object]
    shown: Mapping[str, object] = field(default_factory=dict)
    """What is shown beside the API's document."""


def carry_out(api: PolicyApi, change: Change, consent: Consent) -> None:
    """Make the change, or print what it would do; raise Failure."""
    reason = asked_reason(consent)
    consent = replace(consent, reason=reason)
    before, tag = _before(api, change)
    headers = {"If-Match": consent.if_match or tag}
    body = {**change.body, "reason": reason}
    if consent.dry_run:
        answer = api.call(change.method, f"{change.path}?dry_run=true", body, headers)
        refuse(answer, consent)
        print_plan(api, answer.json(), as_json=consent.as_json)
        return
    body["confirm"] = consent.yes
    answer = api.call(change.method, change.path, body, headers)
    refuse(answer, consent)
    _print(change, before, answer.json(), as_json=consent.as_json)


def asked_reason(consent: Consent) -> str:
    """Return why; it is asked for on a terminal. Raise Failure."""
    if consent.reason and consent.reason.strip():
        return consent.reason.strip()
    if sys.stdin.isatty() and not consent.as_json:
        return str(typer.prompt("Why (it is kept with the change)", err=True)).strip()
    again = f'{command_as_typed()} --reason "..."'
    raise Failure(Exit.USAGE, "Say why: every change is kept with its reason.", f"Type: {again}")


def refuse(answer: Answer, consent: Consent) -> None:
    """Raise the Failure that the answer tells of, if it does."""
    if answer.status < 300:
        return
    document = answer.json()
    kind = str(document.get("type", "")).rpartition("/")[2]
    if kind == "confirmation-required":
        warnings = document.get("warnings", [])
        lines = [f"Warning: {each['detail']}" for each in warnings]
        message = "\n".join([*lines, "Nothing has been changed."])
        hint = f"If it is meant so: {command_as_typed(consent)}"
        raise Failure(Exit.NOT_CONFIRMED, message, hint, data={"warnings": warnings})
    if kind == "version-conflict":
        changes = document.get("changed", [])
        lines = [document["detail"], *(f"  {line_of_change(each)}" for each in changes)]
        message = "\n".join(lines)
        raise Failure(Exit.REFUSED, message, "Nothing has been changed.", data={"changed": changes})
    raise refusal(answer)


def command_as_typed(consent: Consent | None = None) -> str:
    """Return the command line, to be typed again with more; a token is never in it.

    With the consent, the reason that was asked for is there too, and `--yes`.
    """
    words = ["bookwith", *sys.argv[1:]]
    if consent is not None:
        named = any(each.partition("=")[0] == "--reason" for each in words)
        words += [] if named or not consent.reason else ["--reason", consent.reason]
        words.append("--yes")
    return shlex.join(words)


def _before(api: PolicyApi, change: Change) -> tuple[Document, str]:
    """Return what stands there; a sharing policy of a new name is made by the change."""
    try:
        return api.get(change.path)
    except Failure as failure:
        if failure.code is Exit.NOT_FOUND and change.method == "PUT":
            return {}, "*"
        raise


def _print(change: Change, before: Document, after: dict[str, Any], *, as_json: bool) -> None:
    altered = [
        each
        for each in change.resource.properties
        if each.of(before) != each.of(after) and each.name not in ("PolicyVersion", "Identity")
    ]
    warnings = after.pop("warnings", [])
    if as_json:
        names = [each.name for each in altered]
        print_data({"changed": names, "settings": {**change.shown, **after}, "warnings": warnings})
        return
    if not altered:
        print("Nothing has changed: it was so already.")
        return
    print("Changed:")
    print(format_list(after, altered))
