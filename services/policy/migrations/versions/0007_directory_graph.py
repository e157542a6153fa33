"""How far Microsoft Graph has been read."""

from alembic import op

revision = "0007"
down_revision = "0006"

GRAPH_1 = """
CREATE TABLE graph_state (
    tenant text PRIMARY KEY,
    link text,
    is_last boolean NOT NULL DEFAULT false,
    began_at timestamptz
);
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(GRAPH_1)
