"""What a form of settings shows: what is set or was typed, what is wrong, what others changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.chassis.web.form_faults import FieldFault
from services.policy import plans
from services.policy.asked import What
from services.policy.domain.refusals import NotFound
from services.policy.web.change_rows import ChangeRow, change_rows
from services.policy.web.desk import Desk
from services.policy.web.refusing import REASON, RefusedForm, by_control, number_in
from services.policy.web.setting_fields import AnySettings, Fields, SettingField, fields_from

# The plan whose settings a form begins with, in an address.
PLAN = "plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormState:
    """A form; `version` is what it was made of, `changes` are those that it did not know of."""

    action: str
    key: str
    version: str
    fields: Fields
    faults: Sequence[FieldFault]
    wrong: Mapping[str, FieldFault]
    changes: Sequence[ChangeRow]


async def form_state(
    desk: Desk, path: str, version: int, fields: Fields, refused: RefusedForm | None = None
) -> FormState:
    """Return the form that is sent to the path."""
    told = refused or RefusedForm()
    return FormState(
        action=desk.link(path),
        key=desk.key(path),
        version=str(version),
        fields={REASON: "", **fields},
        faults=told.faults,
        wrong=by_control(told.faults),
        changes=await change_rows(desk, told.changes),
    )


async def fields_to_begin_with(
    desk: Desk,
    what: What,
    name: str | None,
    settings: AnySettings,
    controls: Sequence[SettingField],
) -> dict[str, str]:
    """Return what the form holds at first: the settings, those of a plan, or what was typed."""
    fields = fields_from(settings, controls)
    number = number_in(desk.visit.query.get(PLAN, ""))
    if number is not None:
        fields |= await _planned(desk, number, what, name, controls)
    typed = desk.typed_before()
    # Boxes that were not ticked are in no form that was sent.
    return {**fields, **(dict.fromkeys(fields, "") if typed else {}), **typed}


async def _planned(
    desk: Desk, number: int, what: What, name: str | None, controls: Sequence[SettingField]
) -> dict[str, str]:
    try:
        plan = await desk.parts.read(lambda c: plans.read_plan(c, number))
    except NotFound:
        return {}
    if (plan.what, plan.name) != (what, name) or plan.after is None:
        return {}
    return {**fields_from(plan.after, controls), REASON: plan.reason}
