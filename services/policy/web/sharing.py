"""The sharing policies: whether free and busy times may be shown to anybody, and by which."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.chassis.text.typed import trimmed
from services.chassis.web.form_faults import FieldFault
from services.chassis.web.visits import with_query
from services.policy import commands
from services.policy.domain.refusals import NotFound
from services.policy.domain.settings import DEFAULT_SHARING_POLICY, SharingPolicy
from services.policy.store import OrganizationAggregate
from services.policy.web.change_rows import SHARING
from services.policy.web.desk import Desk, desk_of, form_of
from services.policy.web.form_state import FormState, fields_to_begin_with, form_state
from services.policy.web.organization_form import OrganizationForm
from services.policy.web.plan import PLANS
from services.policy.web.refusing import RefusedForm, plan_form
from services.policy.web.rendering import READ
from services.policy.web.setting_fields import (
    OF_SHARING_MODE,
    OF_SHARING_POLICY,
    Fields,
    document_of,
)

POLICY = f"{SHARING}/policy"
NAME = "name"
LONGEST_NAME = 128

FORM = OrganizationForm(SHARING, OF_SHARING_MODE)

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingLine:
    """A sharing policy, and what it shows to anybody."""

    name: str
    href: str
    enabled: bool
    default: bool
    anonymous: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingPage:
    """What is asked of sharing policies, and all of them."""

    TEMPLATE: ClassVar[str] = "sharing.html"

    form: FormState
    lines: Sequence[SharingLine]
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingPolicyPage:
    """One sharing policy, or one that is not there yet: `name` is empty then."""

    TEMPLATE: ClassVar[str] = "sharing_policy.html"

    name: str
    form: FormState
    back: str


@routes.api_route(SHARING, methods=READ)
async def show(request: Request) -> Response:
    return await FORM.show(request, _show)


@routes.post(SHARING)
async def plan_mode(request: Request) -> Response:
    return await FORM.plan(request, _show)


@routes.api_route(POLICY, methods=READ)
async def show_policy(request: Request) -> Response:
    desk = await desk_of(request)
    loaded = await desk.parts.read(commands.load_organization)
    name = desk.visit.query.get(NAME, "")
    found = loaded.state.sharing_policy(name) if name else SharingPolicy("")
    if found is None:
        raise NotFound
    fields = await fields_to_begin_with(
        desk, "sharing_policy", found.name, found, OF_SHARING_POLICY
    )
    return await _show_policy(desk, loaded, found.name, {NAME: found.name, **fields})


@routes.post(POLICY)
async def plan_policy(request: Request) -> Response:
    desk, fields = await form_of(request, POLICY, form_at=_form_at(request))
    loaded = await desk.parts.read(commands.load_organization)
    known = desk.visit.query.get(NAME, "")
    name = trimmed(known or fields.get(NAME, ""))
    if fault := _name_fault(loaded, name, known):
        return await _show_policy(desk, loaded, known, fields, RefusedForm(faults=[fault]))
    settings = loaded.state.sharing_policy(name) or SharingPolicy(name)
    document = document_of(fields, settings, OF_SHARING_POLICY)
    if not known:
        document.setdefault("Enabled", settings.enabled)
    made = await plan_form(desk, "sharing_policy", name, document, fields)
    if isinstance(made, RefusedForm):
        return await _show_policy(desk, loaded, known, fields, made)
    return desk.see_other(f"{PLANS}/{made.number}")


def _form_at(request: Request) -> str:
    name = request.query_params.get(NAME)
    return with_query(POLICY, {NAME: name})


def _name_fault(loaded: OrganizationAggregate, name: str, known: str) -> FieldFault | None:
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        return FieldFault(NAME, "admin.fault.name")
    if not known and loaded.state.sharing_policy(name):
        return FieldFault(NAME, "admin.fault.name.taken")
    return None


async def _show(
    desk: Desk, loaded: OrganizationAggregate, form: FormState, status: int
) -> Response:
    lines = [_line(desk, each) for each in loaded.state.sharing.values()]
    content = SharingPage(form=form, lines=lines, new=desk.link(POLICY))
    return desk.show(content, "sharing", status=status, here=SHARING)


async def _show_policy(
    desk: Desk,
    loaded: OrganizationAggregate,
    name: str,
    fields: Fields,
    refused: RefusedForm | None = None,
) -> Response:
    here = with_query(POLICY, {NAME: name})
    form = await form_state(desk, POLICY, loaded.version, fields, refused)
    content = SharingPolicyPage(
        name=name,
        form=replace(form, action=desk.link(here)),
        back=desk.link(SHARING),
    )
    return desk.show(content, "sharing", status=refused.status if refused else 200, here=POLICY)


def _line(desk: Desk, found: SharingPolicy) -> SharingLine:
    return SharingLine(
        name=found.name,
        href=desk.link(POLICY, **{NAME: found.name}),
        enabled=found.enabled,
        default=found.name == DEFAULT_SHARING_POLICY,
        anonymous=", ".join(found.anonymous_actions()),
    )
