"""Messages that Kafka refuses are put aside; the inbox knows the newest events by their ids."""

from alembic import op

from services.chassis.postgres.schema import INBOX_2, OUTBOX_2

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for part in (OUTBOX_2, INBOX_2):
        op.get_bind().exec_driver_sql(part)
