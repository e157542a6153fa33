"""The first schema."""

from alembic import op

from services.chassis.postgres.schema import IDEMPOTENCY_1, INBOX_1, OUTBOX_1, TIMERS_1

revision = "0001"
down_revision = None

AVAILABILITY_1 = """
CREATE TABLE pages (
    organizer_id uuid PRIMARY KEY,
    published boolean NOT NULL DEFAULT false,
    allowed boolean NOT NULL DEFAULT false
);
CREATE TABLE meeting_types (
    id uuid PRIMARY KEY,
    organizer_id uuid NOT NULL,
    private boolean NOT NULL,
    rules jsonb NOT NULL
);
CREATE TABLE private_links (
    id uuid PRIMARY KEY,
    meeting_type_id uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    ended text
);
CREATE TABLE claims (
    booking_id uuid NOT NULL,
    organizer_id uuid NOT NULL,
    meeting_type_id uuid NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    expires_at timestamptz,
    PRIMARY KEY (booking_id, starts_at)
);
CREATE INDEX claims_of_organizer ON claims (organizer_id, ends_at);
"""


def upgrade() -> None:
    for part in (OUTBOX_1, INBOX_1, TIMERS_1, IDEMPOTENCY_1, AVAILABILITY_1):
        op.get_bind().exec_driver_sql(part)
