"""The first schema."""

from alembic import op

from services.chassis.postgres.schema import (
    EVENT_STORE_1,
    IDEMPOTENCY_1,
    INBOX_1,
    OUTBOX_1,
    TIMERS_1,
)

revision = "0001"
down_revision = None

BOOKING_1 = """
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE TABLE pages (
    organizer_id uuid PRIMARY KEY,
    handle text NOT NULL UNIQUE
);
CREATE TABLE meeting_types (
    id uuid PRIMARY KEY,
    organizer_id uuid NOT NULL,
    slug text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX meeting_types_slug ON meeting_types (organizer_id, slug);
CREATE TABLE private_links (
    id uuid PRIMARY KEY,
    organizer_id uuid NOT NULL,
    meeting_type_id uuid NOT NULL,
    issued_at timestamptz NOT NULL
);
CREATE INDEX private_links_type ON private_links (meeting_type_id, id);
CREATE TABLE bookings (
    id uuid PRIMARY KEY,
    organizer_id uuid NOT NULL,
    meeting_type_id uuid NOT NULL,
    link_id uuid,
    status text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX bookings_of_organizer ON bookings (organizer_id, status, id);
CREATE TABLE slot_claims (
    booking_id uuid NOT NULL,
    organizer_id uuid NOT NULL,
    during tstzrange NOT NULL,
    held_until timestamptz,
    PRIMARY KEY (booking_id, during),
    CONSTRAINT slot_claims_no_overlap EXCLUDE USING gist
        (organizer_id WITH =, during WITH &&, booking_id WITH <>)
);
CREATE TABLE attendees (
    id uuid PRIMARY KEY,
    booking_id uuid NOT NULL UNIQUE,
    organizer_id uuid NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    time_zone text NOT NULL,
    locale text NOT NULL,
    answers jsonb NOT NULL,
    change_reason text
);
CREATE TABLE verdicts (
    booking_id uuid NOT NULL,
    starts_at timestamptz NOT NULL,
    accepted boolean NOT NULL,
    reasons jsonb NOT NULL,
    checked_at timestamptz NOT NULL,
    PRIMARY KEY (booking_id, starts_at)
);
-- Taken before the organizer's lock, and without waiting for a conflict to be thrown: a plain
-- insert deadlocks when many want one slot.
CREATE FUNCTION claim_slot(
    p_booking uuid, p_organizer uuid, p_starts_at timestamptz, p_ends_at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO slot_claims (booking_id, organizer_id, during)
    VALUES (p_booking, p_organizer, tstzrange(p_starts_at, p_ends_at))
    ON CONFLICT DO NOTHING;
    IF NOT FOUND AND NOT EXISTS (
        SELECT 1 FROM slot_claims
        WHERE booking_id = p_booking AND during = tstzrange(p_starts_at, p_ends_at)
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'BW002', MESSAGE = 'the slot is taken';
    END IF;
END $$;
"""


def upgrade() -> None:
    for part in (OUTBOX_1, EVENT_STORE_1, INBOX_1, TIMERS_1, IDEMPOTENCY_1, BOOKING_1):
        op.get_bind().exec_driver_sql(part)
