"""Refusals as problems: the one mapping from a rule's class to its status."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from contracts import problem_types
from services.booking.domain import refusals
from services.booking.domain.offer import OfferedTimesNotFree
from services.booking.domain.slot import Slot
from services.booking.store import UNIQUE_NAMES
from services.chassis.events.streams import VersionMismatch
from services.chassis.events.transactions import NameTaken
from services.chassis.http.instants import written
from services.chassis.http.problems import Problem, response, unavailable
from services.chassis.postgres.faults import RacesLost

TYPES: Mapping[type[refusals.Refusal], problem_types.ProblemType] = {
    refusals.Invalid: problem_types.INVALID,
    refusals.NotFound: problem_types.NOT_FOUND,
    refusals.NotAvailable: problem_types.NOT_AVAILABLE,
    refusals.LinkSuspended: problem_types.NOT_AVAILABLE,
    refusals.MembersOnly: problem_types.UNAUTHENTICATED,
    refusals.SlotTaken: problem_types.SLOT_TAKEN,
    refusals.SlotNotOffered: problem_types.SLOT_NOT_OFFERED,
    refusals.HoldOver: problem_types.HOLD_OVER,
    refusals.VerdictPending: problem_types.UNAVAILABLE,
    refusals.CalendarSilent: problem_types.UNAVAILABLE,
    refusals.LinkEnded: problem_types.LINK_DEAD,
    refusals.HeldDataLinkEnded: problem_types.LINK_DEAD,
    refusals.EmailLinkEnded: problem_types.LINK_DEAD,
    refusals.LinkInUse: problem_types.LINK_IN_USE,
    refusals.ChangeTooLate: problem_types.CHANGE_TOO_LATE,
    refusals.StateConflict: problem_types.STATE_CONFLICT,
}


def problem_of(refusal: refusals.Refusal, nearest: Sequence[Slot] | None = None) -> Problem:
    """Return the problem that tells the refusal; `nearest` are free times around that one."""
    carried: dict[str, Any] = {}  # JSON, of the shape that the type has
    match refusal:
        case refusals.Invalid(faults=faults):
            carried["errors"] = [
                {"pointer": f"#{fault.pointer}", "detail": fault.detail} for fault in faults
            ]
        case refusals.OfferedTimesTaken(places=places):
            carried["errors"] = [
                {"pointer": f"#/starts/{place}", "detail": "Is taken already."} for place in places
            ]
        case OfferedTimesNotFree(places=places, nearest=others):
            nearest = others
            carried["errors"] = [
                {"pointer": f"#/starts/{place}", "detail": "Is not free."} for place in places
            ]
        case refusals.SlotNotOffered(reasons=reasons):
            carried["reasons"] = list(reasons)
        case refusals.LinkEnded(reason=reason):
            carried["reason"] = reason
        case refusals.HeldDataLinkEnded() | refusals.EmailLinkEnded():
            carried["reason"] = "ttl"
        case refusals.ChangeTooLate(until=until):
            carried["until"] = written(until)
        case refusals.LinkNotYet(opening=opening):
            carried["not_before"] = written(opening)
        case _:
            pass
    if nearest is not None:
        carried["alternatives"] = [
            {"start": written(slot.start), "end": written(slot.end)} for slot in nearest
        ]
    # Whoever holds a genuine link may know that its page is off; any other page is not there.
    status = 403 if isinstance(refusal, refusals.LinkSuspended) else None
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(refusal, refusals.MembersOnly) else None
    type_ = next(TYPES[each] for each in type(refusal).__mro__ if each in TYPES)
    return Problem(type_, str(refusal), status=status, headers=headers, **carried)


def taken_name(taken: NameTaken) -> Problem:
    """Return the problem that a handle or slug is in use."""
    field, detail = UNIQUE_NAMES[taken.constraint]
    return Problem(
        problem_types.STATE_CONFLICT, detail, errors=[{"pointer": f"#/{field}", "detail": detail}]
    )


async def _on_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, refusals.Refusal)
    return response(problem_of(error))


async def _on_version(request: Request, error: Exception) -> Response:
    detail = "Somebody changed this since you read it. Read it again, then decide again."
    return response(Problem(problem_types.VERSION_CONFLICT, detail))


async def _on_race(request: Request, error: Exception) -> Response:
    detail = "Many are changing this at the same moment, and others were first. Send it again."
    return response(unavailable(detail))


async def _on_name_taken(request: Request, error: Exception) -> Response:
    assert isinstance(error, NameTaken)
    return response(taken_name(error))


REFUSALS: dict[type[Exception], Callable[[Request, Exception], Any]] = {
    refusals.Refusal: _on_refusal,
    VersionMismatch: _on_version,
    RacesLost: _on_race,
    NameTaken: _on_name_taken,
}
