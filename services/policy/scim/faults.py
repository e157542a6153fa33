"""What SCIM refuses, as problems with the `scimType` of RFC 7644, section 3.12."""

from typing import Literal

from contracts.problem_types import INVALID, NOT_FOUND, STATE_CONFLICT, UNAUTHENTICATED
from services.chassis.http.problems import Problem

ScimType = Literal[
    "invalidFilter", "invalidPath", "invalidSyntax", "invalidValue", "mutability", "noTarget"
]


def refused(scim_type: ScimType, detail: str) -> Problem:
    """Return the 400 for what is not understood, or cannot be done."""
    return Problem(INVALID, detail, status=400, scim_type=scim_type)


def taken(detail: str) -> Problem:
    """Return the 409 for a name that another user has."""
    return Problem(STATE_CONFLICT, detail, status=409, scim_type="uniqueness")


def missing() -> Problem:
    """Return the 404 for a user that was not provisioned, or was deleted."""
    return Problem(NOT_FOUND, "There is no such user.")


def not_let_in(detail: str) -> Problem:
    """Return the 401 for a client without a token that is known."""
    return Problem(UNAUTHENTICATED, detail, headers={"WWW-Authenticate": "Bearer"})
