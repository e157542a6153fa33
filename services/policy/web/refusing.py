"""Why a change cannot be planned: faults at the form's controls, or what has changed meanwhile."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from services.chassis.http.faults import faults_of
from services.chassis.web.form_faults import FaultRule, FieldFault, each_once, placed
from services.policy import answers, changing
from services.policy.asked import BODIES, Asked, What
from services.policy.audit import AuditRecord
from services.policy.changing import ChangedMeanwhile
from services.policy.domain.refusals import Invalid, ReasonMissing
from services.policy.web.desk import Desk
from services.policy.web.setting_fields import Fields

REASON, VERSION = "reason", "version"
_NUMBER = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_UNCHANGED = FieldFault("save", "admin.fault.unchanged")
_OTHER = FieldFault("save", "admin.fault.other")
_RULES = (
    FaultRule("/EwsAllowList/[0-9]+", "ews_allow_list", "admin.fault.pattern"),
    FaultRule("/EwsBlockList/[0-9]+", "ews_block_list", "admin.fault.pattern"),
    FaultRule("/Domains/[0-9]+", "domains", "admin.fault.domain"),
    FaultRule("/EwsAllowList", "ews_allow_list", "admin.fault.list"),
    FaultRule("/EwsBlockList", "ews_block_list", "admin.fault.list"),
    FaultRule("/Domains", "domains", "admin.fault.list"),
    FaultRule("/licence/.*", "licence_plan", "admin.fault.plan"),
    FaultRule("/application_id", "application_id", "admin.fault.application_id"),
    FaultRule("/sharing_policy", "sharing_policy", "admin.fault.sharing_policy"),
    FaultRule("/name", "name", "admin.fault.name"),
    FaultRule("/reason", "reason", "admin.fault.reason"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedForm:
    """A form to show again: its faults, or the changes that others have made since."""

    faults: Sequence[FieldFault] = ()
    changes: Sequence[AuditRecord] = ()
    status: int = 422


async def plan_form(
    desk: Desk, what: What, name: str | None, document: dict[str, Any], fields: Fields
) -> answers.Plan | RefusedForm:
    """Return the plan of what the form asks for, or why it has to be shown again."""
    if not document:
        return RefusedForm(faults=[_UNCHANGED])
    sent = {**document, REASON: fields.get(REASON, "")}
    try:
        body = BODIES[what].model_validate(sent)
        asked = Asked(what, name, body, desk.by, desk.parts.user_id)
        return await _planned(desk, asked, number_in(fields.get(VERSION, "")) or 0)
    except (ValidationError, Invalid, ReasonMissing) as refused:
        return RefusedForm(faults=faults_at(refused, sent))
    except ChangedMeanwhile as faster:
        return RefusedForm(changes=faster.changes, status=412)


async def _planned(desk: Desk, asked: Asked, version: int) -> answers.Plan:
    try:
        return await changing.plan(desk.parts, asked, version)
    except ChangedMeanwhile as faster:
        if faster.changes:
            raise
        # A user's access was decided anew: their settings are still what the form showed.
        return await changing.plan(desk.parts, asked, None)


def number_in(text: str) -> int | None:
    """Return the number of a plan, or the version, that an address or a form names."""
    return int(text) if _NUMBER.fullmatch(text) else None


def faults_at(
    refused: ValidationError | Invalid | ReasonMissing, sent: Mapping[str, Any]
) -> list[FieldFault]:
    """Return each control with what is wrong with it, once; a list's first line that is wrong."""
    return each_once(_fault(pointer, sent) for pointer in _pointers(refused, sent))


def by_control(faults: Iterable[FieldFault]) -> Mapping[str, FieldFault]:
    """Return the faults by the control that they are about."""
    return {each.field: each for each in faults}


def _fault(pointer: str, sent: Mapping[str, Any]) -> FieldFault:
    fault = placed(pointer, _RULES, _OTHER)
    _, name, *place = pointer.split("/")
    if not place or not place[0].isdecimal():
        return fault
    number = int(place[0])
    return replace(fault, facts={"line": str(number + 1), "entry": str(sent[name][number])})


def _pointers(
    refused: ValidationError | Invalid | ReasonMissing, sent: Mapping[str, Any]
) -> list[str]:
    if isinstance(refused, ValidationError):
        errors = [{**each, "loc": ("body", *each["loc"])} for each in refused.errors()]
        return [each["pointer"].removeprefix("#") for each in faults_of(errors, sent)]
    return [refused.pointer]
