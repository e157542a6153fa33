"""The directory: the names and addresses that users are found by."""

from alembic import op

revision = "0006"
down_revision = "0005"

DIRECTORY_1 = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE TABLE directory (
    id uuid PRIMARY KEY,
    user_name text,
    user_key text,
    display_name text,
    mail text,
    external_id text,
    source text NOT NULL,
    search text NOT NULL,
    sort_name text NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    version integer NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX directory_provisioned_name ON directory (user_key) WHERE source = 'scim';
CREATE INDEX directory_external_id ON directory (external_id);
CREATE INDEX directory_search ON directory USING gin (search gin_trgm_ops);
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(DIRECTORY_1)
