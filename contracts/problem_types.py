"""The types of problem that an answer can name (RFC 9457): stable names, a status, a title each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProblemType:
    """`name` ends the type's URI path, `/problems/<name>`; `meaning` says what to do about it."""

    name: str
    status: int
    title: str
    meaning: str

    @property
    def path(self) -> str:
        """Return the URI path that documents carry."""
        return f"/problems/{self.name}"


INVALID = ProblemType(
    "invalid",
    422,
    "The request is not valid",
    "A field, a parameter or the body is not as it should be. `errors` names each by a "
    "JSON pointer; correct them and send the request again.",
)
NOT_FOUND = ProblemType(
    "not-found",
    404,
    "There is nothing here",
    "There is nothing at this address, or it is not yours to see.",
)
NOT_AVAILABLE = ProblemType(
    "not-available",
    404,
    "This page is not available",
    "The page is unknown, not published or turned off (404), or the page behind a private "
    "link is off (403).",
)
SLOT_TAKEN = ProblemType(
    "slot-taken",
    409,
    "This time was just taken",
    "Somebody else has booked or holds the time. `alternatives` are the nearest free ones.",
)
SLOT_NOT_OFFERED = ProblemType(
    "slot-not-offered",
    409,
    "This time is not offered",
    "The time is not among those offered. `reasons` say which rule forbids it, "
    "`alternatives` are the nearest free ones.",
)
HOLD_OVER = ProblemType(
    "hold-over",
    409,
    "The time was not confirmed soon enough",
    "The time was held and not confirmed before the hold ended. Reserve again.",
)
LINK_DEAD = ProblemType(
    "link-dead",
    410,
    "This link no longer works",
    "The private link has ended; `reason` says why. Ask whoever sent it for another one.",
)
LINK_IN_USE = ProblemType(
    "link-in-use",
    409,
    "Somebody else is using this link right now",
    "So many hold the last use of the link at this moment that no more may. Ask again shortly.",
)
CHANGE_TOO_LATE = ProblemType(
    "change-too-late",
    409,
    "It is too late to change this meeting",
    "An attendee may change the meeting only until the moment in `until`. Write to the organizer.",
)
STATE_CONFLICT = ProblemType(
    "state-conflict",
    409,
    "This is not possible as things stand",
    "The thing is in a state in which this cannot be done. Read it again, then decide.",
)
CONFIRMATION_REQUIRED = ProblemType(
    "confirmation-required",
    409,
    "This change has to be confirmed",
    "The change does what is easily overlooked; `warnings` say what. Send it again with "
    "`confirm: true` if that is meant.",
)
VERSION_CONFLICT = ProblemType(
    "version-conflict",
    412,
    "Somebody changed this in the meantime",
    "The version in If-Match is not the newest. Read the resource again, then decide again.",
)
PRECONDITION_REQUIRED = ProblemType(
    "precondition-required",
    428,
    "Say which version you are changing",
    "The change needs If-Match with the ETag that you read.",
)
IDEMPOTENCY_KEY_REUSED = ProblemType(
    "idempotency-key-reused",
    422,
    "This Idempotency-Key came with another request before",
    "The key was sent before with another request. Use a new key for a new request.",
)
REQUEST_IN_PROGRESS = ProblemType(
    "request-in-progress",
    409,
    "The same request is under way",
    "A request with the same key is still under way. Ask again with the same key after "
    "Retry-After.",
)
BUDGET_EXHAUSTED = ProblemType(
    "budget-exhausted",
    429,
    "Too many requests",
    "Too many of these requests in a while. Ask again after Retry-After.",
)
TOO_LARGE = ProblemType(
    "too-large",
    413,
    "The request is too large",
    "The body is larger than this service takes.",
)
UNAUTHENTICATED = ProblemType(
    "unauthenticated",
    401,
    "Sign in first",
    "Send a valid access token of the sign-in provider: `Authorization: Bearer <token>`.",
)
FORBIDDEN = ProblemType(
    "forbidden",
    403,
    "You may not do this",
    "You are known, and may not do this.",
)
INTERNAL = ProblemType(
    "internal",
    500,
    "This should not have happened",
    "A fault on our side. It is logged under the X-Correlation-Id of the answer.",
)
UNAVAILABLE = ProblemType(
    "unavailable",
    503,
    "Not possible at the moment",
    "Something that this needs does not answer. Ask again after Retry-After, with the "
    "same Idempotency-Key.",
)
METHOD_NOT_ALLOWED = ProblemType(
    "method-not-allowed",
    405,
    "This address does not take that method",
    "Allow lists the methods that the address takes.",
)

HEAD_TOO_LARGE = ProblemType(
    "head-too-large",
    431,
    "The request's head is too large",
    "The address and the headers together are larger than this service takes, or too many.",
)
TOO_SLOW = ProblemType(
    "too-slow",
    408,
    "The request did not arrive in time",
    "The head or the body took too long to arrive. Send the request again.",
)
MALFORMED = ProblemType(
    "malformed",
    400,
    "This is no whole HTTP request",
    "What arrived is not HTTP/1.1, or was cut off. Send the request again as a whole.",
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
        CONFIRMATION_REQUIRED,
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
        HEAD_TOO_LARGE,
        TOO_SLOW,
        MALFORMED,
    )
}
