"""The database of booking: each capability adds its tables to this metadata."""

from sqlalchemy import DateTime, MetaData

from services.chassis.postgres.tables import (
    BUDGETS,
    EVENT_STORE,
    IDEMPOTENCY,
    INBOX,
    OUTBOX,
    TIMERS,
)

metadata = MetaData()
for table in (*EVENT_STORE, *OUTBOX, *INBOX, *TIMERS, *IDEMPOTENCY, *BUDGETS):
    table.to_metadata(metadata)

Instant = DateTime(timezone=True)
