"""One change of the audit: who made it, when, why, what it altered, and the way to undo it."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from services.chassis.ids import parse_id
from services.policy import audit, changing, schemas, undoing
from services.policy.domain.refusals import Conflict, NotFound, ReasonMissing
from services.policy.web.change_rows import CHANGES, ChangeRow, change_rows
from services.policy.web.desk import Desk, desk_of, form_of
from services.policy.web.form_state import FormState, form_state
from services.policy.web.plan import PLANS
from services.policy.web.refusing import REASON, RefusedForm, faults_at
from services.policy.web.rendering import READ
from services.policy.web.setting_fields import Fields

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePage:
    """One change with what it altered; `conflict`: a later one is in the way of undoing it."""

    TEMPLATE: ClassVar[str] = "change.html"

    change: ChangeRow
    form: FormState
    conflict: bool
    back: str


@routes.api_route(f"{CHANGES}/{{change}}", methods=READ)
async def show(request: Request, change: str) -> Response:
    desk = await desk_of(request)
    return await _show(desk, _id_in(change), {REASON: "", **desk.typed_before()})


@routes.post(f"{CHANGES}/{{change}}/undo")
async def plan_undoing(request: Request, change: str) -> Response:
    path = f"{CHANGES}/{change}"
    desk, fields = await form_of(request, f"{path}/undo", form_at=path)
    id_ = _id_in(change)
    try:
        said = _said(fields)
        asked = await desk.parts.read(
            lambda c: undoing.ask_undone(c, id_, said, desk.by, desk.parts.user_id)
        )
        made = await changing.plan(desk.parts, asked, None)
    except (ValidationError, ReasonMissing) as refused:
        return await _show(desk, id_, fields, RefusedForm(faults=faults_at(refused, {})))
    except Conflict:
        return await _show(desk, id_, fields, RefusedForm(status=409))
    return desk.see_other(f"{PLANS}/{made.number}")


def _said(fields: Fields) -> schemas.Consented:
    """Return the reason; the API gives one by itself, people are asked."""
    said = schemas.Consented.model_validate({REASON: fields.get(REASON, "")})
    if not said.reason:
        raise ReasonMissing
    return said


def _id_in(text: str) -> UUID:
    found = parse_id(text)
    if found is None:
        raise NotFound
    return found


async def _show(
    desk: Desk, id_: UUID, fields: Fields, refused: RefusedForm | None = None
) -> Response:
    record = await desk.parts.read(lambda c: audit.change_of(c, id_))
    if record is None:
        raise NotFound
    [row] = await change_rows(desk, [record])
    path = f"{CHANGES}/{id_}"
    status = refused.status if refused else 200
    content = ChangePage(
        change=row,
        form=await form_state(desk, f"{path}/undo", 0, fields, refused),
        conflict=status == 409,
        back=desk.link(CHANGES),
    )
    return desk.show(content, "audit", status=status, here=path)
