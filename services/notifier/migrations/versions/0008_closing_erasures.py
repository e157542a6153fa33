"""Who was only dropped from the topic has no instant of an erasure: no event names one."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.get_bind().exec_driver_sql("ALTER TABLE erasures ALTER COLUMN erased_at DROP NOT NULL")
