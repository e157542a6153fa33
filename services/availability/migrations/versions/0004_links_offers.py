"""Times that offers hold for whoever has their link, and the length of a link's meetings."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        "ALTER TABLE claims ADD COLUMN link_id uuid;"
        "ALTER TABLE private_links ADD COLUMN duration_minutes integer"
    )
