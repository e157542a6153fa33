"""An organizer's failed letters are found without reading all the others."""

from alembic import op

revision = "0007"
down_revision = "0006"

FAILED = "CREATE INDEX deliveries_failed ON deliveries (organizer_id) WHERE state = 'failed'"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(FAILED)
