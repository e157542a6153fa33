"""The first schema."""

from alembic import op

from services.chassis.postgres.schema import IDEMPOTENCY_1, INBOX_1, OUTBOX_1, TIMERS_1

revision = "0001"
down_revision = None

NOTIFIER_1 = """
CREATE TABLE attendees (
    attendee_id uuid PRIMARY KEY,
    booking_id uuid NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    time_zone text NOT NULL,
    locale text NOT NULL,
    change_reason text,
    said_in text NOT NULL
);
CREATE TABLE organizers (
    organizer_id uuid PRIMARY KEY,
    locale text NOT NULL,
    time_zone_locked boolean NOT NULL
);
CREATE TABLE meetings (
    booking_id uuid PRIMARY KEY,
    ics_sequence integer NOT NULL,
    cancelled boolean NOT NULL
);
CREATE TABLE deliveries (
    id uuid PRIMARY KEY,
    booking_id uuid NOT NULL,
    organizer_id uuid NOT NULL,
    attendee_id uuid NOT NULL,
    ics_sequence integer NOT NULL,
    recipient text NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    event jsonb NOT NULL,
    correlation_id text NOT NULL,
    causation_id text NOT NULL,
    attempts integer NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    give_up_at timestamptz NOT NULL,
    last_error text,
    smtp_code integer,
    message_id text,
    created_at timestamptz NOT NULL,
    sent_at timestamptz,
    CONSTRAINT deliveries_key UNIQUE (booking_id, ics_sequence, recipient, kind)
);
CREATE INDEX deliveries_unfinished ON deliveries (next_attempt_at)
    WHERE state IN ('waiting', 'sending', 'retrying');
CREATE INDEX deliveries_of_attendee ON deliveries (attendee_id);
CREATE INDEX deliveries_of_organizer ON deliveries (organizer_id, id);
CREATE INDEX deliveries_in_state ON deliveries (state, id);
"""


def upgrade() -> None:
    for part in (OUTBOX_1, INBOX_1, TIMERS_1, IDEMPOTENCY_1, NOTIFIER_1):
        op.get_bind().exec_driver_sql(part)
