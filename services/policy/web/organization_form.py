"""Forms with settings of the organization: shown as things are, and planned."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from fastapi import Request
from starlette.responses import Response

from services.policy import commands
from services.policy.store import OrganizationAggregate
from services.policy.web.desk import Desk, desk_of, form_of
from services.policy.web.form_state import FormState, fields_to_begin_with, form_state
from services.policy.web.plan import PLANS
from services.policy.web.refusing import RefusedForm, plan_form
from services.policy.web.setting_fields import SettingField, document_of

# Returns the page with the form, and with that status.
ShowForm = Callable[[Desk, OrganizationAggregate, FormState, int], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class OrganizationForm:
    """The settings that one page changes, and its address."""

    path: str
    controls: Sequence[SettingField]

    async def show(self, request: Request, page: ShowForm) -> Response:
        """Return the page with what is set, or what a plan asks for."""
        desk = await desk_of(request)
        loaded = await desk.parts.read(commands.load_organization)
        settings = loaded.state.settings
        fields = await fields_to_begin_with(desk, "organization", None, settings, self.controls)
        return await page(
            desk, loaded, await form_state(desk, self.path, loaded.version, fields), 200
        )

    async def plan(self, request: Request, page: ShowForm) -> Response:
        """Make a plan of what the form asks for and lead to it, or show the form again."""
        desk, fields = await form_of(request, self.path, form_at=self.path)
        loaded = await desk.parts.read(commands.load_organization)
        document = document_of(fields, loaded.state.settings, self.controls)
        made = await plan_form(desk, "organization", None, document, fields)
        if isinstance(made, RefusedForm):
            form = await form_state(desk, self.path, loaded.version, fields, made)
            return await page(desk, loaded, form, made.status)
        return desk.see_other(f"{PLANS}/{made.number}")
