"""The organization's switches and lists, as one form; what it asks for is a plan first."""

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.policy.store import OrganizationAggregate
from services.policy.web.change_rows import ORGANIZATION
from services.policy.web.desk import Desk
from services.policy.web.form_state import FormState
from services.policy.web.organization_form import OrganizationForm
from services.policy.web.rendering import READ
from services.policy.web.setting_fields import OF_ORGANIZATION

FORM = OrganizationForm(ORGANIZATION, OF_ORGANIZATION)

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationPage:
    """The form with all that holds for everybody."""

    TEMPLATE: ClassVar[str] = "organization.html"

    form: FormState


@routes.api_route(ORGANIZATION, methods=READ)
async def show(request: Request) -> Response:
    return await FORM.show(request, _show)


@routes.post(ORGANIZATION)
async def plan(request: Request) -> Response:
    return await FORM.plan(request, _show)


async def _show(desk: Desk, _: OrganizationAggregate, form: FormState, status: int) -> Response:
    content = OrganizationPage(form=form)
    return desk.show(content, "organization", status=status, here=ORGANIZATION)
