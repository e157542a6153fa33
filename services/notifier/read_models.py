"""Notifier's tables: it has no log, its rows come from other services' topics."""

from services.chassis.events.rebuild import ReadModels
from services.chassis.messaging.replaying import Replayed
from services.notifier import tables
from services.notifier.consumers import SUBSCRIPTIONS

MODELS = ReadModels(
    metadata=tables.metadata,
    # The letters and receipts that the handlers enqueue go into copies that are thrown away.
    replayed=lambda: [Replayed(each) for each in SUBSCRIPTIONS],
    from_topics=(tables.attendees, tables.organizers, tables.meetings, tables.erasures),
    kept={
        tables.deliveries: "what was sent: a letter is never enqueued twice",
    },
)
