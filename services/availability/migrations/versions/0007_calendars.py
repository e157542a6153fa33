"""Connected calendars and the times that they take."""

from alembic import op

revision = "0007"
down_revision = "0006"

CALENDARS = """
CREATE TABLE calendars (
    id uuid PRIMARY KEY,
    organizer_id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    place text NOT NULL,
    sealed bytea NOT NULL,
    written boolean NOT NULL DEFAULT false,
    version integer NOT NULL DEFAULT 1,
    time_zone text NOT NULL,
    state jsonb NOT NULL DEFAULT '{}',
    window_end timestamptz,
    hours jsonb,
    skipped jsonb NOT NULL DEFAULT '[]',
    connected_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    read_at timestamptz,
    closed_from timestamptz NOT NULL,
    broken_since timestamptz,
    broken_reason text,
    announced boolean NOT NULL DEFAULT false,
    failures integer NOT NULL DEFAULT 0,
    next_read_at timestamptz NOT NULL,
    lease uuid,
    leased_until timestamptz
);
CREATE INDEX calendars_of_organizer ON calendars (organizer_id);
CREATE UNIQUE INDEX one_written_calendar ON calendars (organizer_id) WHERE written;
CREATE INDEX calendars_due ON calendars (next_read_at);
CREATE TABLE busy_times (
    calendar_id uuid NOT NULL REFERENCES calendars ON DELETE CASCADE,
    organizer_id uuid NOT NULL,
    key text NOT NULL,
    begins bigint NOT NULL,
    ends bigint NOT NULL,
    kind text NOT NULL,
    all_day boolean NOT NULL
);
CREATE INDEX busy_times_of_organizer ON busy_times (organizer_id, ends);
CREATE INDEX busy_times_of_calendar ON busy_times (calendar_id, key);
CREATE TABLE free_busy (
    organizer_id uuid PRIMARY KEY,
    revision bigint NOT NULL
);
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(CALENDARS)
