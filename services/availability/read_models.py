"""Availability's tables: it has no log, its rows come from other services' topics."""

from services.availability import tables
from services.chassis.events.rebuild import ReadModels

_COPY = "from booking's events"

MODELS = ReadModels(
    metadata=tables.metadata,
    kept={
        tables.pages: _COPY,
        tables.meeting_types: _COPY,
        tables.private_links: _COPY,
        tables.claims: "what it decided itself: decided again today, it might come out differently",
    },
)
