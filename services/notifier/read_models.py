"""Notifier's tables: it has no log, its rows come from other services' topics."""

from services.chassis.events.rebuild import ReadModels
from services.notifier import tables

_COPY = "from booking's events"

MODELS = ReadModels(
    metadata=tables.metadata,
    kept={
        tables.attendees: _COPY,
        tables.organizers: _COPY,
        tables.meetings: _COPY,
        tables.erasures: _COPY,
        tables.deliveries: "what was sent: a letter is never enqueued twice",
    },
)
