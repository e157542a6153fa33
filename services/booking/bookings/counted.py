"""Refusals of commands, counted by their reason: `counted` around each command."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

from prometheus_client import Counter

from services.booking.bookings.outcomes import TimeRefused
from services.booking.domain import refusals

P = ParamSpec("P")
T = TypeVar("T")

REFUSED = Counter(
    "bookwith_refusals_total", "Commands on bookings that were refused", ["command", "reason"]
)
REASONS = (
    refusals.Invalid,
    refusals.NotFound,
    refusals.NotAvailable,
    refusals.LinkSuspended,
    refusals.SlotTaken,
    refusals.SlotNotOffered,
    refusals.HoldOver,
    refusals.VerdictPending,
    refusals.LinkEnded,
    refusals.LinkInUse,
    refusals.ChangeTooLate,
    refusals.StateConflict,
    refusals.RequestOver,
    refusals.TooManyBookings,
)

_inside: ContextVar[bool] = ContextVar("inside a counted command", default=False)


def counted(command: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Count a refusal that is raised or returned, once: not for the commands that it is made of."""
    name = command.__name__
    for reason in REASONS:
        REFUSED.labels(name, reason.__name__)  # there from the start, at 0

    @wraps(command)
    async def run(*args: P.args, **named: P.kwargs) -> T:
        if _inside.get():
            return await command(*args, **named)
        token = _inside.set(True)
        try:
            outcome = await command(*args, **named)
        except refusals.Refusal as refusal:
            REFUSED.labels(name, type(refusal).__name__).inc()
            raise
        finally:
            _inside.reset(token)
        if isinstance(outcome, TimeRefused):
            REFUSED.labels(name, type(outcome.refusal).__name__).inc()
        return outcome

    return run
