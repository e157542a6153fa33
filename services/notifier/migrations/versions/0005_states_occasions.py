"""Letters of which one version of a calendar entry may have several, and their order."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        "ALTER TABLE attendees ADD COLUMN version integer; "
        "ALTER TABLE meetings ADD COLUMN version integer NOT NULL DEFAULT 0; "
        "ALTER TABLE deliveries ADD COLUMN occasion integer NOT NULL DEFAULT 0, "
        "ADD COLUMN version integer NOT NULL DEFAULT 0, "
        "DROP CONSTRAINT deliveries_key, ADD CONSTRAINT deliveries_key "
        "UNIQUE (booking_id, ics_sequence, recipient, kind, occasion)"
    )
