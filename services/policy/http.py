"""Policy over HTTP, for administrators: the switches, their effect, and every change."""

import re
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.responses import Response

from contracts.problem_types import FORBIDDEN, INVALID, VERSION_CONFLICT
from services.chassis.events.retries import run_with_retries
from services.chassis.events.store import VersionConflict, VersionMismatch
from services.chassis.http.conditional import expected_version, tagged
from services.chassis.http.documentation import BEARER
from services.chassis.http.listing import cursor_of, listed
from services.chassis.http.problems import Problem, response
from services.chassis.identity.bearer import Authenticator, Principal
from services.chassis.ids import person_named
from services.chassis.postgres.database import Database
from services.chassis.runtime.assembly import RefusalAnswer, Service
from services.chassis.runtime.cause import acting
from services.policy import handlers, queries
from services.policy.domain.access import Access, Mode
from services.policy.domain.organization import ChangeOrganizationPolicy, OrganizationPatch
from services.policy.domain.refusals import ReasonMissing
from services.policy.domain.user import ChangeUserPolicy, UserPatch

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
IfMatch = Annotated[str | None, Header(alias="If-Match")]


def _plain(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("must not contain control characters")
    return text


class Patch(BaseModel):
    """The settings to change, in Exchange's names; null empties one. Every change has a reason."""

    model_config = ConfigDict(extra="forbid", validate_by_name=True)

    ews_enabled: bool | None = Field(default=None, alias="EwsEnabled")
    reason: Annotated[str, Field(max_length=1000), AfterValidator(_plain)] = ""


class OrganizationChange(Patch):
    """The organization's settings."""

    mode: Mode | None = None


class Routes:
    """The routes of one process."""

    def __init__(self, service: Service) -> None:
        self._database: Database = service.database
        self._authenticator: Authenticator = service.authenticator
        self._namespace = service.settings.organization_namespace
        self._told = service.notify_relay

    def router(self) -> APIRouter:
        """Return policy's routes."""
        routes = APIRouter(prefix="/api/policy/v1", tags=["policy"], dependencies=[BEARER])
        routes.add_api_route("/organization", self.get_organization, methods=["GET"])
        routes.add_api_route("/organization", self.patch_organization, methods=["PATCH"])
        routes.add_api_route("/users/{user}", self.get_user, methods=["GET"])
        routes.add_api_route("/users/{user}", self.patch_user, methods=["PATCH"])
        routes.add_api_route("/users/{user}/effective", self.get_effective, methods=["GET"])
        routes.add_api_route("/audit", self.get_audit, methods=["GET"])
        return routes

    async def get_organization(self, request: Request) -> Response:
        """Return the organization's settings."""
        await self._administrator(request)
        async with self._database.connection() as connection:
            held = await handlers.load_organization(connection)
        return _organization(held)

    async def patch_organization(
        self, request: Request, body: OrganizationChange, if_match: IfMatch = None
    ) -> Response:
        """Change the organization's settings."""
        by = await self._administrator(request)
        expected = expected_version(if_match)
        patch: OrganizationPatch = {}
        if "ews_enabled" in body.model_fields_set:
            patch["ews_enabled"] = body.ews_enabled
        if body.mode is not None:
            patch["mode"] = body.mode
        command = ChangeOrganizationPolicy(patch, str(by.id), body.reason)
        held = await run_with_retries(
            self._database, lambda c: handlers.change_organization(c, command, expected)
        )
        self._told()
        return _organization(held)

    async def get_user(self, request: Request, user: str) -> Response:
        """Return a user's settings; everybody has some."""
        await self._administrator(request)
        user_id = self._user_id(user)
        async with self._database.connection() as connection:
            return _user(user_id, await handlers.load_user(connection, user_id))

    async def patch_user(
        self, request: Request, user: str, body: Patch, if_match: IfMatch = None
    ) -> Response:
        """Change a user's settings."""
        by = await self._administrator(request)
        expected, user_id = expected_version(if_match), self._user_id(user)
        patch: UserPatch = {}
        if "ews_enabled" in body.model_fields_set:
            patch["ews_enabled"] = body.ews_enabled
        command = ChangeUserPolicy(user_id, patch, str(by.id), body.reason)
        seen = await run_with_retries(
            self._database, lambda c: handlers.change_user(c, command, expected)
        )
        self._told()
        return _user(user_id, seen)

    async def get_effective(self, request: Request, user: str) -> dict[str, Any]:
        """Return whether the user may have a page, with each rule's verdict."""
        await self._administrator(request)
        async with self._database.connection() as connection:
            seen = await handlers.load_user(connection, self._user_id(user))
        return _effective(seen.access)

    async def get_audit(
        self,
        request: Request,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: str | None = None,
    ) -> dict[str, Any]:
        """Return every change: who, what, when, why, before, after."""
        await self._administrator(request)
        async with self._database.connection() as connection:
            rows = await queries.audit(connection, cursor_of(cursor), limit + 1)
        return listed([_change(row) for row in rows], limit)

    async def _administrator(self, request: Request) -> Principal:
        principal = await self._authenticator.authenticate(request.headers.get("authorization"))
        if "administrator" not in principal.roles:
            raise Problem(FORBIDDEN, "Only administrators may see and change the policy.")
        acting(f"administrator:{principal.id}")
        return principal

    def _user_id(self, user: str) -> UUID:
        """Return the id of a user named by it or by their identity."""
        return person_named(self._namespace, user)


def _organization(held: handlers.Organization) -> Response:
    body = {"EwsEnabled": held.state.ews_enabled, "mode": held.state.mode}
    return tagged(body, held.version)


def _user(user_id: UUID, seen: handlers.Seen) -> Response:
    body = {
        "id": str(user_id),
        "EwsEnabled": seen.user.state.settings.ews_enabled,
        "effective": _effective(seen.access),
    }
    return tagged(body, seen.user.version)


def _effective(access: Access) -> dict[str, Any]:
    return {
        "enabled": access.enabled,
        "rules": [
            {
                "rule": each.rule,
                "verdict": each.verdict,
                "decided_by": each.decided_by,
                "value": each.value,
            }
            for each in access.rules
        ],
    }


def _change(row: dict[str, Any]) -> dict[str, Any]:
    kind, _, id_ = row["stream"].partition("-")
    data = row["data"]
    return {
        "id": str(row["id"]),
        "who": data["by"],
        "what": kind,
        "user_id": id_ or None,
        "when": row["time"].isoformat().replace("+00:00", "Z"),
        "why": data["reason"],
        "before": data["before"],
        "after": data["after"],
    }


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
