"""Licences: who counts as licensed without a record of one, and the way to a user's own."""

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.chassis.postgres.database import Connection
from services.policy import commands
from services.policy.queries import Group, groups_of_users
from services.policy.store import OrganizationAggregate
from services.policy.web.change_rows import LICENCES
from services.policy.web.desk import Desk, desk_of, form_of
from services.policy.web.form_state import FormState, fields_to_begin_with, form_state
from services.policy.web.people import USERS
from services.policy.web.plan import PLANS
from services.policy.web.refusing import RefusedForm, plan_form
from services.policy.web.rendering import READ
from services.policy.web.setting_fields import OF_LICENCES, Fields, document_of

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
    done: str | None


@routes.api_route(LICENCES, methods=READ)
async def show(request: Request) -> Response:
    desk = await desk_of(request)
    loaded, groups = await desk.parts.read(_load)
    settings = loaded.state.settings
    fields = await fields_to_begin_with(desk, "organization", None, settings, OF_LICENCES)
    return await _show(desk, loaded, groups, fields)


@routes.post(LICENCES)
async def plan(request: Request) -> Response:
    desk, fields = await form_of(request, LICENCES, form_at=LICENCES)
    loaded, groups = await desk.parts.read(_load)
    document = document_of(fields, loaded.state.settings, OF_LICENCES)
    made = await plan_form(desk, "organization", None, document, fields)
    if isinstance(made, RefusedForm):
        return await _show(desk, loaded, groups, fields, made)
    return desk.see_other(f"{PLANS}/{made.number}")


async def _load(connection: Connection) -> tuple[OrganizationAggregate, list[Group]]:
    return await commands.load_organization(connection), await groups_of_users(connection)


async def _show(
    desk: Desk,
    loaded: OrganizationAggregate,
    groups: list[Group],
    fields: Fields,
    refused: RefusedForm | None = None,
) -> Response:
    records = [(each.settings.licence, each.users) for each in groups]
    usable = [users for held, users in records if held and held.assigned and held.enabled]
    without = sum(users for held, users in records if held is None)
    content = LicencesPage(
        form=await form_state(desk, LICENCES, loaded.version, fields, refused),
        licensed=sum(usable),
        unlicensed=sum(users for _, users in records) - without - sum(usable),
        without=without,
        users=USERS,
        kept=[(name, value) for name, value in desk.visit.kept(USERS).items() if value],
        done=desk.done,
    )
    return desk.show(content, "licences", status=refused.status if refused else 200, here=LICENCES)
