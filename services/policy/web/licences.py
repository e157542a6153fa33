"""Licences: who counts as licensed without a record of one, and the way to a user's own."""

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.policy.queries import groups_of_users
from services.policy.store import OrganizationAggregate
from services.policy.web.change_rows import LICENCES
from services.policy.web.desk import Desk
from services.policy.web.form_state import FormState
from services.policy.web.organization_form import OrganizationForm
from services.policy.web.people import USERS
from services.policy.web.rendering import READ
from services.policy.web.setting_fields import OF_LICENCES

FORM = OrganizationForm(LICENCES, OF_LICENCES)

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LicencesPage:
    """The default, how many users have which kind of record, and the search for one user."""

    TEMPLATE: ClassVar[str] = "licences.html"

    form: FormState
    licensed: int
    unlicensed: int
    without: int
    users: str
    kept: list[tuple[str, str]]


@routes.api_route(LICENCES, methods=READ)
async def show(request: Request) -> Response:
    return await FORM.show(request, _show)


@routes.post(LICENCES)
async def plan(request: Request) -> Response:
    return await FORM.plan(request, _show)


async def _show(desk: Desk, _: OrganizationAggregate, form: FormState, status: int) -> Response:
    groups = await desk.parts.read(groups_of_users)
    records = [(each.settings.licence, each.users) for each in groups]
    usable = sum(users for held, users in records if held and held.assigned and held.enabled)
    without = sum(users for held, users in records if held is None)
    content = LicencesPage(
        form=form,
        licensed=usable,
        unlicensed=sum(users for _, users in records) - without - usable,
        without=without,
        users=USERS,
        kept=[(name, value) for name, value in desk.visit.kept(USERS).items() if value],
    )
    return desk.show(content, "licences", status=status, here=LICENCES)
