"""Lists of an organizer's bookings in the order of their times."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        "CREATE INDEX bookings_by_time ON bookings (organizer_id, starts_at, id)"
    )
