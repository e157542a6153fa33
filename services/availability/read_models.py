"""Availability's tables: it has no log, its rows come from other services' topics."""

from services.availability import tables
from services.availability.consumers import replayed
from services.chassis.events.rebuild import ReadModels

MODELS = ReadModels(
    metadata=tables.metadata,
    replayed=replayed,
    from_topics=(tables.pages, tables.meeting_types, tables.private_links, tables.claims),
    kept={},
)
