"""Which version of the administrators' policy is known, and which has reached every page."""

from alembic import op

revision = "0013"
down_revision = "0012"

POLICY_VERSIONS_1 = """
CREATE TABLE policy_versions (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    announced bigint NOT NULL DEFAULT 0,
    announced_at timestamptz,
    closes_all boolean NOT NULL DEFAULT false,
    applied bigint NOT NULL DEFAULT 0
);
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(POLICY_VERSIONS_1)
