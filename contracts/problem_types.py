"""The types of problem that an answer can name (RFC 9457): stable names, a status, a title each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProblemType:
    """`name` is the last part of the type's URI path, `/problems/<name>`."""

    name: str
    status: int
    title: str

    @property
    def path(self) -> str:
        """Return the URI path that documents carry."""
        return f"/problems/{self.name}"


INVALID = ProblemType("invalid", 422, "The request is not valid")
NOT_FOUND = ProblemType("not-found", 404, "There is nothing here")
NOT_AVAILABLE = ProblemType("not-available", 404, "This page is not available")
SLOT_TAKEN = ProblemType("slot-taken", 409, "This time was just taken")
SLOT_NOT_OFFERED = ProblemType("slot-not-offered", 409, "This time is not offered")
HOLD_OVER = ProblemType("hold-over", 409, "The time was not confirmed soon enough")
LINK_DEAD = ProblemType("link-dead", 410, "This link no longer works")
LINK_IN_USE = ProblemType("link-in-use", 409, "Somebody else is using this link right now")
CHANGE_TOO_LATE = ProblemType("change-too-late", 409, "It is too late to change this meeting")
STATE_CONFLICT = ProblemType("state-conflict", 409, "This is not possible as things stand")
VERSION_CONFLICT = ProblemType("version-conflict", 412, "Somebody changed this in the meantime")
PRECONDITION_REQUIRED = ProblemType(
    "precondition-required", 428, "Say which version you are changing"
)
IDEMPOTENCY_KEY_REUSED = ProblemType(
    "idempotency-key-reused", 422, "This Idempotency-Key came with another request before"
)
REQUEST_IN_PROGRESS = ProblemType("request-in-progress", 409, "The same request is under way")
BUDGET_EXHAUSTED = ProblemType("budget-exhausted", 429, "Too many requests")
TOO_LARGE = ProblemType("too-large", 413, "The request is too large")
UNAUTHENTICATED = ProblemType("unauthenticated", 401, "Sign in first")
FORBIDDEN = ProblemType("forbidden", 403, "You may not do this")
INTERNAL = ProblemType("internal", 500, "This should not have happened")
UNAVAILABLE = ProblemType("unavailable", 503, "Not possible at the moment")
METHOD_NOT_ALLOWED = ProblemType(
    "method-not-allowed", 405, "This address does not take that method"
)

BY_NAME = {
    each.name: each
    for each in (
        INVALID,
        NOT_FOUND,
        NOT_AVAILABLE,
        SLOT_TAKEN,
        SLOT_NOT_OFFERED,
        HOLD_OVER,
        LINK_DEAD,
        LINK_IN_USE,
        CHANGE_TOO_LATE,
        STATE_CONFLICT,
        VERSION_CONFLICT,
        PRECONDITION_REQUIRED,
        IDEMPOTENCY_KEY_REUSED,
        REQUEST_IN_PROGRESS,
        BUDGET_EXHAUSTED,
        TOO_LARGE,
        UNAUTHENTICATED,
        FORBIDDEN,
        INTERNAL,
        UNAVAILABLE,
        METHOD_NOT_ALLOWED,
    )
}
