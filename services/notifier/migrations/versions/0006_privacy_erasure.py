"""Erased attendees are remembered: nothing of them comes back."""

from alembic import op

from services.chassis.postgres.schema import IDEMPOTENCY_2

revision = "0006"
down_revision = "0005"

PRIVACY = """
CREATE TABLE erasures (
    attendee_id uuid PRIMARY KEY,
    erased_at timestamptz NOT NULL
);
"""


def upgrade() -> None:
    for part in (IDEMPOTENCY_2, PRIVACY):
        op.get_bind().exec_driver_sql(part)
