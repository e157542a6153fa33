"""Policy over HTTP, for administrators: the switches, their effect, and every change."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from contracts.problem_types import FORBIDDEN, INVALID, VERSION_CONFLICT
from services.chassis.events.retries import run_with_retries
from services.chassis.events.streams import VersionMismatch
from services.chassis.http.conditional import expected_version, tagged
from services.chassis.http.documentation import BEARER, IfMatchRequired
from services.chassis.http.listing import ListPage, cursor_of, list_page
from services.chassis.http.parts import parts_of
from services.chassis.http.problems import Problem, response
from services.chassis.http.routing import ApiRoute
from services.chassis.identity.bearer import Authenticator, Principal
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.ids import person_named
from services.chassis.postgres.database import Connection, Database
from services.chassis.postgres.faults import VersionConflict
from services.chassis.runtime.assembly import RefusalAnswer
from services.chassis.runtime.cause import acting
from services.chassis.sign_in.gate import Gate
from services.policy import audit, commands, schemas, views
from services.policy.domain.organization import ChangeOrganizationPolicy, OrganizationPatch
from services.policy.domain.refusals import ReasonMissing
from services.policy.domain.user import ChangeUserPolicy, UserPatch

T = TypeVar("T")

routes = APIRouter(
    prefix="/api/policy/v1", route_class=ApiRoute, tags=["policy"], dependencies=[BEARER]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the routes work with."""

    database: Database
    authenticator: Authenticator
    organization_namespace: UUID
    notify_relay: Callable[[], None]
    gate: Gate
    keys: KeyRing

    async def administrator(self, request: Request) -> Principal:
        """Return the signed-in administrator; raise `unauthenticated` or `forbidden`."""
        principal = await self.authenticator.authenticate(request.headers.get("authorization"))
        if "administrator" not in principal.roles:
            raise Problem(FORBIDDEN, "Only administrators may see and change the policy.")
        acting(f"administrator:{principal.id}")
        return principal

    def user_id(self, user: str) -> UUID:
        """Return the id of a user named by it or by their identity."""
        return person_named(self.organization_namespace, user)

    async def write(self, command: Callable[[Connection], Awaitable[T]]) -> T:
        """Carry a command out in a transaction, and let its events be published."""
        result = await run_with_retries(self.database, command)
        self.notify_relay()
        return result


@routes.get("/organization", response_model=schemas.Organization)
async def get_organization(request: Request) -> Response:
    """Return the organization's settings."""
    parts = parts_of(request, Parts)
    await parts.administrator(request)
    async with parts.database.connection() as connection:
        loaded = await commands.load_organization(connection)
    return tagged(views.organization(loaded), loaded.version)


@routes.patch("/organization", response_model=schemas.Organization)
async def patch_organization(
    request: Request, body: schemas.OrganizationChange, if_match: IfMatchRequired = None
) -> Response:
    """Change the organization's settings."""
    parts = parts_of(request, Parts)
    by = await parts.administrator(request)
    expected = expected_version(if_match)
    patch: OrganizationPatch = {}
    if "ews_enabled" in body.model_fields_set:
        patch["ews_enabled"] = body.ews_enabled
    if body.mode is not None:
        patch["mode"] = body.mode
    command = ChangeOrganizationPolicy(patch=patch, by=str(by.id), reason=body.reason)
    changed = await parts.write(lambda c: commands.change_organization(c, command, expected))
    return tagged(views.organization(changed), changed.version)


@routes.get("/users/{user}", response_model=schemas.User)
async def get_user(request: Request, user: str) -> Response:
    """Return a user's settings; everybody has some."""
    parts = parts_of(request, Parts)
    await parts.administrator(request)
    user_id = parts.user_id(user)
    async with parts.database.connection() as connection:
        seen = await commands.load_user(connection, user_id)
    return tagged(views.user(user_id, seen), seen.user.version)


@routes.patch("/users/{user}", response_model=schemas.User)
async def patch_user(
    request: Request, user: str, body: schemas.Patch, if_match: IfMatchRequired = None
) -> Response:
    """Change a user's settings."""
    parts = parts_of(request, Parts)
    by = await parts.administrator(request)
    expected, user_id = expected_version(if_match), parts.user_id(user)
    patch: UserPatch = {}
    if "ews_enabled" in body.model_fields_set:
        patch["ews_enabled"] = body.ews_enabled
    command = ChangeUserPolicy(user_id=user_id, patch=patch, by=str(by.id), reason=body.reason)
    changed = await parts.write(lambda c: commands.change_user(c, command, expected))
    return tagged(views.user(user_id, changed), changed.user.version)


@routes.get("/users/{user}/effective")
async def get_effective(request: Request, user: str) -> schemas.EffectiveAccess:
    """Return whether the user may have a page, with each rule's verdict."""
    parts = parts_of(request, Parts)
    await parts.administrator(request)
    async with parts.database.connection() as connection:
        seen = await commands.load_user(connection, parts.user_id(user))
    return views.effective(seen.access)


@routes.get("/audit")
async def get_audit(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> ListPage[schemas.Change]:
    """Return every change: who, what, when, why, before, after."""
    parts = parts_of(request, Parts)
    await parts.administrator(request)
    async with parts.database.connection() as connection:
        records = await audit.changes_after(connection, cursor_of(cursor), limit + 1)
    return list_page([views.change(record) for record in records], limit)


async def _on_reason_missing(request: Request, error: Exception) -> Response:
    fault = {"pointer": f"#{ReasonMissing.pointer}", "detail": str(error)}
    return response(Problem(INVALID, str(error), errors=[fault]))


async def _on_version(request: Request, error: Exception) -> Response:
    detail = "Another administrator changed this since you read it. Read it again, then decide."
    return response(Problem(VERSION_CONFLICT, detail))


REFUSALS: dict[type[Exception], RefusalAnswer] = {
    ReasonMissing: _on_reason_missing,
    VersionMismatch: _on_version,
    VersionConflict: _on_version,
}
