"""With which version of its booking an attendee's record came, and what the attendee answered."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        "ALTER TABLE attendees ADD COLUMN ics_sequence integer, "
        "ADD COLUMN answers jsonb NOT NULL DEFAULT '[]'; "
        "ALTER TABLE deliveries ADD COLUMN awaits_record boolean NOT NULL DEFAULT false"
    )
