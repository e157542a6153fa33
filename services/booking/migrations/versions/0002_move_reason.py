"""Words said with a wish to move, until the move is made."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.get_bind().exec_driver_sql("ALTER TABLE attendees ADD COLUMN move_reason text")
