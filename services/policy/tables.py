"""Policy's tables: the chassis', and the users that it knows."""

from sqlalchemy import Column, MetaData, Table, Uuid

from services.chassis.postgres.tables import EVENT_STORE, IDEMPOTENCY, INBOX, OUTBOX, TIMERS

metadata = MetaData()
for table in (*EVENT_STORE, *OUTBOX, *INBOX, *TIMERS, *IDEMPOTENCY):
    table.to_metadata(metadata)

users = Table("users", metadata, Column("id", Uuid, primary_key=True))
