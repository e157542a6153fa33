"""Reasons of changes, requests for held data, erasures with their receipts."""

from alembic import op

from services.chassis.postgres.schema import IDEMPOTENCY_2

revision = "0007"
down_revision = "0006"

PRIVACY = """
ALTER TABLE attendees ADD COLUMN reasons jsonb NOT NULL DEFAULT '[]';
CREATE INDEX attendees_address ON attendees (lower(email));
CREATE TABLE data_requests (
    id uuid PRIMARY KEY,
    attendee_id uuid NOT NULL,
    organizer_id uuid NOT NULL
);
CREATE TABLE erasures (
    attendee_id uuid PRIMARY KEY,
    erasure_id uuid NOT NULL,
    organizer_id uuid NOT NULL,
    booking_id uuid NOT NULL,
    by text NOT NULL,
    erased_at timestamptz NOT NULL
);
CREATE INDEX erasures_at_once ON erasures (erasure_id);
CREATE INDEX erasures_of_booking ON erasures (booking_id);
CREATE TABLE erasure_receipts (
    attendee_id uuid NOT NULL,
    service text NOT NULL,
    erased_at timestamptz NOT NULL,
    PRIMARY KEY (attendee_id, service)
);
-- The timer sets its own successor: see attendees/retention.py.
INSERT INTO timers (kind, key, due_at) VALUES ('attendee_retention', 'first', clock_timestamp());
"""


def upgrade() -> None:
    for part in (IDEMPOTENCY_2, PRIVACY):
        op.get_bind().exec_driver_sql(part)
