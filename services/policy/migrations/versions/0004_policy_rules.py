"""The settings and the last decision of each user as columns; plans of changes."""

from alembic import op

revision = "0004"
down_revision = "0003"

POLICY_2 = """
ALTER TABLE users ADD COLUMN settings jsonb NOT NULL DEFAULT '{}'::jsonb;
ALTER TABLE users ADD COLUMN enabled boolean;
UPDATE users SET
    settings = coalesce((
        SELECT jsonb_strip_nulls(e.data -> 'after') FROM events e
        WHERE e.stream = 'user-' || users.id AND e.type = 'UserPolicyChanged'
        ORDER BY e.version DESC LIMIT 1), '{}'::jsonb),
    enabled = (
        SELECT e.type = 'AccessGranted' FROM events e
        WHERE e.stream = 'user-' || users.id AND e.type IN ('AccessGranted', 'AccessWithdrawn')
        ORDER BY e.version DESC LIMIT 1);
CREATE TABLE plans (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document jsonb NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    applied_at timestamptz
);
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(POLICY_2)
