"""The regular hours of each organizer, which their meeting types have by default."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.get_bind().exec_driver_sql("ALTER TABLE pages ADD COLUMN regular_hours jsonb")
