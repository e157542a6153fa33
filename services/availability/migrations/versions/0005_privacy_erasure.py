"""What is remembered of a command can be found by what it is about."""

from alembic import op

from services.chassis.postgres.schema import IDEMPOTENCY_2

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for part in (IDEMPOTENCY_2,):
        op.get_bind().exec_driver_sql(part)
