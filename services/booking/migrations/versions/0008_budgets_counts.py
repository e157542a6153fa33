"""Counts of what anonymous visitors have used of their budgets."""

from alembic import op

from services.chassis.postgres.schema import BUDGETS_1

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(BUDGETS_1)
