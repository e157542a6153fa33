"""Who and what caused the current work: bound at the edge, stamped on every event and log line."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from services.chassis.ids import new_id


@dataclass(frozen=True, slots=True)
class Cause:
    """The chain that an event belongs to; ids only, never personal data."""

    correlation_id: str
    causation_id: str
    actor: str
    traceparent: str | None = None


_current: ContextVar[Cause | None] = ContextVar("cause", default=None)


def current_cause() -> Cause:
    """Return the cause bound at the edge, or a new one for work that starts by itself."""
    cause = _current.get()
    if cause is not None:
        return cause
    fresh = str(new_id())
    return Cause(fresh, fresh, "system")


def acting(actor: str) -> None:
    """Note who acts, once that is known: on the events that this request causes."""
    cause = _current.get()
    if cause is not None:
        _current.set(replace(cause, actor=actor))


@contextmanager
def caused_by(cause: Cause) -> Iterator[None]:
    """Bind the cause for the work inside."""
    token = _current.set(cause)
    try:
        yield
    finally:
        _current.reset(token)


def logged_ids() -> dict[str, str]:
    """Return what a log line says of the cause: nothing for work that has none."""
    cause = _current.get()
    if cause is None:
        return {}
    return {"correlation_id": cause.correlation_id, "causation_id": cause.causation_id}
