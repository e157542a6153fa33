"""Availability's tables: it has no log, its rows come from other services' topics."""

from services.availability import tables
from services.availability.consumers import replayed
from services.chassis.events.rebuild import ReadModels

MODELS = ReadModels(
    metadata=tables.metadata,
    replayed=replayed,
    from_topics=(tables.pages, tables.meeting_types, tables.private_links, tables.claims),
    kept={
        tables.calendars: "organizers connect them; no event has their address",
        tables.busy_times: "calendars are asked for them",
        tables.free_busy: "it counts on, whatever is rebuilt",
    },
)
