"""The first schema."""

from alembic import op

from services.chassis.postgres.schema import (
    EVENT_STORE_1,
    IDEMPOTENCY_1,
    INBOX_1,
    OUTBOX_1,
    TIMERS_1,
)

revision = "0001"
down_revision = None

POLICY_1 = "CREATE TABLE users (id uuid PRIMARY KEY)"


def upgrade() -> None:
    for part in (OUTBOX_1, EVENT_STORE_1, INBOX_1, TIMERS_1, IDEMPOTENCY_1, POLICY_1):
        op.get_bind().exec_driver_sql(part)
