"""Deleted meeting types stay known: their bookings are moved by their last rules."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        "ALTER TABLE meeting_types ADD COLUMN deleted boolean NOT NULL DEFAULT false"
    )
