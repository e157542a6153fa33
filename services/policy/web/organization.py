"""The organization's switches and lists, as one form; what it asks for is a plan first."""

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.policy import commands
from services.policy.store import OrganizationAggregate
from services.policy.web.change_rows import ORGANIZATION
from services.policy.web.desk import Desk, desk_of, form_of
from services.policy.web.form_state import FormState, fields_to_begin_with, form_state
from services.policy.web.plan import PLANS
from services.policy.web.refusing import RefusedForm, plan_form
from services.policy.web.rendering import READ
from services.policy.web.setting_fields import OF_ORGANIZATION, Fields, document_of

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationPage:
    """The form with all that holds for everybody."""

    TEMPLATE: ClassVar[str] = "organization.html"

    form: FormState
    done: str | None


@routes.api_route(ORGANIZATION, methods=READ)
async def show(request: Request) -> Response:
    desk = await desk_of(request)
    loaded = await desk.parts.read(commands.load_organization)
    fields = await fields_to_begin_with(
        desk, "organization", None, loaded.state.settings, OF_ORGANIZATION
    )
    return await _show(desk, loaded, fields)


@routes.post(ORGANIZATION)
async def plan(request: Request) -> Response:
    desk, fields = await form_of(request, ORGANIZATION, form_at=ORGANIZATION)
    loaded = await desk.parts.read(commands.load_organization)
    document = document_of(fields, loaded.state.settings, OF_ORGANIZATION)
    made = await plan_form(desk, "organization", None, document, fields)
    if isinstance(made, RefusedForm):
        return await _show(desk, loaded, fields, made)
    return desk.see_other(f"{PLANS}/{made.number}")


async def _show(
    desk: Desk, loaded: OrganizationAggregate, fields: Fields, refused: RefusedForm | None = None
) -> Response:
    content = OrganizationPage(
        form=await form_state(desk, ORGANIZATION, loaded.version, fields, refused), done=desk.done
    )
    status = refused.status if refused else 200
    return desk.show(content, "organization", status=status, here=ORGANIZATION)
