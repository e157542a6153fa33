"""Where organizers are reached, and in which zone they read, by now."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        "ALTER TABLE organizers ADD COLUMN email text, ADD COLUMN time_zone text"
    )
