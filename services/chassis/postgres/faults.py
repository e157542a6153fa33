"""Which faults of PostgreSQL pass: the same work, tried again later, may succeed.

The codes are those of PostgreSQL's appendix "PostgreSQL Error Codes". What is not listed is a
refusal: the same statement with the same values is refused again.
"""

from psycopg import Error, OperationalError
from psycopg.errors import DeadlockDetected, PipelineAborted, SerializationFailure

# By class (the first two characters), with the reason.
_PASSING_CLASSES = {
    "08": "connection exception: the server, or a pooler before it (08P01), cannot be reached",
    "28": "invalid authorization: met when connecting, and mended there by the operator",
    "40": "transaction rollback: another transaction was in the way",
    "53": "insufficient resources: memory, disk or connections are short now",
    "57": "operator intervention: a shutdown, a restart, a cancelled or timed-out statement",
    "58": "system error: the disk or the operating system failed, outside PostgreSQL",
}
# Single codes of other classes.
_PASSING_CODES = {
    "25006": "read-only transaction: this server was the primary until a failover",
    "25P03": "idle-in-transaction timeout: the server ended the session",
    "25P04": "transaction timeout: the server ended the session",
    "55P03": "lock not available: another transaction holds it",
}
# Codes of a passing class that are refusals.
_REFUSALS = {
    "40002": "integrity constraint violation at COMMIT: the values break it again",
    "53400": "configuration limit exceeded: the statement needs more than the server allows it",
}

# A race between two transactions, which the database ended by rolling this one back.
DATABASE_RACES = (DeadlockDetected, SerializationFailure)


class DatabaseUnavailable(Exception):
    """The database could not do the work now; psycopg's error is the cause."""


class VersionConflict(Exception):
    """Another transaction appended to the stream since it was loaded: load again, decide again.

    Its message is the stream's name, or what else was raced for.
    """


class RacesLost(VersionConflict):
    """Others were faster in every round."""


class ClaimRefused(Exception):
    """A statement that ran before an append found its claim held by another.

    `is_over` tells that all which was in its way had passed its deadline, and only waited to be
    released.
    """

    def __init__(self, *, is_over: bool = False) -> None:
        super().__init__()
        self.is_over = is_over


class LimitRefused(Exception):
    """A statement that ran behind an append found a limit reached; `rule` names it."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


def refusal_of(error: Error) -> Exception | None:
    """Return what a refusal of the chassis' own SQL functions and constraints means, if it is one.

    The functions are in postgres/schema.py; services add their own that raise BW002 and BW003.
    """
    match error.sqlstate, error.diag.constraint_name:
        case ("BW001", _) | ("23505", "events_stream_version_key"):
            return VersionConflict(error.diag.message_primary)
        case "BW002", _:
            return ClaimRefused(is_over=error.diag.message_detail == "over")
        case "BW003", _:
            return LimitRefused(error.diag.message_primary or "")
        case _:
            return None


def is_passing(error: Error) -> bool:
    """Tell whether the same work may succeed later."""
    code = error.sqlstate
    if code is None:
        # Raised by psycopg itself: the connection broke or there is none. After a refused statement
        # it says of the following ones that the pipeline is aborted, which is the same refusal.
        return isinstance(error, OperationalError) and not isinstance(error, PipelineAborted)
    if code in _REFUSALS:
        return False
    return code[:2] in _PASSING_CLASSES or code in _PASSING_CODES
