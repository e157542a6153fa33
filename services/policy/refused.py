"""How the API says that a change is refused, and what has to happen first."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from contracts.problem_types import (
    CONFIRMATION_REQUIRED,
    INVALID,
    NOT_FOUND,
    STATE_CONFLICT,
    VERSION_CONFLICT,
)
from services.chassis.events.streams import VersionMismatch
from services.chassis.http.problems import Problem, response
from services.chassis.postgres.faults import VersionConflict
from services.chassis.runtime.assembly import RefusalAnswer
from services.policy import views
from services.policy.audit import AuditRecord
from services.policy.changing import ChangedMeanwhile, ConfirmationNeeded
from services.policy.domain.refusals import (
    Conflict,
    Invalid,
    ListTooLong,
    NotFound,
    ReasonMissing,
    SharingPolicyUnknown,
)
from services.policy.plans import WorldMoved

_FASTER = "Another administrator changed this since you read it. Read it again, then decide."


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, Invalid | ReasonMissing)
    fault = {"pointer": f"#{error.pointer}", "detail": str(error)}
    return response(Problem(INVALID, str(error), errors=[fault]))


async def _on_version(request: Request, error: Exception) -> Response:
    changes = error.changes if isinstance(error, ChangedMeanwhile) else ()
    return response(Problem(VERSION_CONFLICT, _FASTER, changed=_changed(changes)))


async def _on_moved(request: Request, error: Exception) -> Response:
    assert isinstance(error, WorldMoved)
    now = {name: getattr(error.now, name) for name in ("gains", "losses", "remaining")}
    more: Mapping[str, Any] = {"changed": _changed(error.changes), "now": now}
    return response(Problem(VERSION_CONFLICT, str(error), **more))


async def _on_unconfirmed(request: Request, error: Exception) -> Response:
    assert isinstance(error, ConfirmationNeeded)
    warnings = [{"code": each.code, "detail": each.detail} for each in error.warnings]
    return response(Problem(CONFIRMATION_REQUIRED, str(error), warnings=warnings))


async def _on_not_found(request: Request, error: Exception) -> Response:
    return response(Problem(NOT_FOUND, "Check the address."))


async def _on_conflict(request: Request, error: Exception) -> Response:
    return response(Problem(STATE_CONFLICT, str(error)))


def _changed(changes: Sequence[AuditRecord]) -> list[dict[str, Any]]:
    return [views.change(each).model_dump(mode="json", by_alias=True) for each in changes]


REFUSALS: Mapping[type[Exception], RefusalAnswer] = {
    ReasonMissing: _on_invalid,
    Invalid: _on_invalid,
    ListTooLong: _on_invalid,
    SharingPolicyUnknown: _on_invalid,
    ConfirmationNeeded: _on_unconfirmed,
    ChangedMeanwhile: _on_version,
    VersionMismatch: _on_version,
    VersionConflict: _on_version,
    WorldMoved: _on_moved,
    NotFound: _on_not_found,
    Conflict: _on_conflict,
}
