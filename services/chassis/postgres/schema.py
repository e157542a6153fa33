"""The chassis' tables as SQL, frozen by version; a service's migrations choose from them."""

EVENT_STORE_1 = """
CREATE TABLE events (
    id uuid PRIMARY KEY,
    stream text NOT NULL,
    version integer NOT NULL,
    partition_key text NOT NULL,
    sequence bigint NOT NULL,
    type text NOT NULL,
    time timestamptz NOT NULL,
    data jsonb NOT NULL,
    metadata jsonb NOT NULL,
    CONSTRAINT events_stream_version_key UNIQUE (stream, version),
    CONSTRAINT events_partition_key_sequence_key UNIQUE (partition_key, sequence)
);
-- The log is append-only, for everybody.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are never changed';
END $$;
CREATE TRIGGER events_are_facts BEFORE UPDATE OR DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- One round trip an append: takes the key's lock by drawing its next sequences, checks every
-- expected version under it, writes the events and stages their messages.
CREATE FUNCTION append_events(
    p_topic text, p_key text, p_streams text[], p_expected integer[],
    p_event_streams text[], p_versions integer[], p_ids uuid[], p_types text[], p_time timestamptz,
    p_data jsonb[], p_metadata jsonb, p_headers text[], p_values text[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_before bigint;
    v_stale text;
    v_count integer := cardinality(p_ids);
BEGIN
    INSERT INTO sequences AS s (topic, key, last) VALUES (p_topic, p_key, v_count)
    ON CONFLICT (topic, key) DO UPDATE SET last = s.last + v_count
    RETURNING s.last - v_count INTO v_before;

    SELECT e.stream INTO v_stale FROM unnest(p_streams, p_expected) AS e (stream, version)
    WHERE e.version <> coalesce(
        (SELECT max(f.version) FROM events f WHERE f.stream = e.stream), 0)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'BW001', MESSAGE = v_stale;
    END IF;

    INSERT INTO events (id, stream, version, partition_key, sequence, type, time, data, metadata)
    SELECT n.id, n.stream, n.version, p_key, v_before + n.ordinal, n.type, p_time, n.data,
        p_metadata
    FROM unnest(p_ids, p_event_streams, p_versions, p_types, p_data)
        WITH ORDINALITY AS n (id, stream, version, type, data, ordinal);

    INSERT INTO outbox (topic, key, sequence, headers, value)
    SELECT p_topic, convert_to(p_key, 'UTF8'), v_before + m.ordinal, m.headers,
        convert_to(m.value, 'UTF8')
    FROM unnest(p_headers, p_values) WITH ORDINALITY AS m (headers, value, ordinal)
    ORDER BY m.ordinal;
    RETURN v_before + v_count;
END $$;
"""

OUTBOX_1 = """
CREATE TABLE sequences (
    topic text NOT NULL,
    key text NOT NULL,
    last bigint NOT NULL,
    PRIMARY KEY (topic, key)
);
CREATE TABLE outbox (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL,
    key bytea,
    sequence bigint,
    headers text NOT NULL,
    value bytea,
    staged_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE relay_lease (
    name text PRIMARY KEY,
    holder text NOT NULL,
    epoch bigint NOT NULL,
    expires_at timestamptz NOT NULL
);
-- Messages that are no stored events: their sequence is drawn per (topic, key) as well.
CREATE FUNCTION stage_message(p_topic text, p_key text, p_headers text, p_value text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_sequence bigint;
BEGIN
    INSERT INTO sequences AS s (topic, key, last) VALUES (p_topic, p_key, 1)
    ON CONFLICT (topic, key) DO UPDATE SET last = s.last + 1
    RETURNING s.last INTO v_sequence;
    INSERT INTO outbox (topic, key, sequence, headers, value)
    VALUES (p_topic, convert_to(p_key, 'UTF8'), v_sequence, p_headers, convert_to(p_value, 'UTF8'));
END $$;
"""

INBOX_1 = """
CREATE TABLE inbox (
    topic text NOT NULL,
    key text NOT NULL,
    sequence bigint NOT NULL,
    PRIMARY KEY (topic, key)
);
CREATE TABLE parked (
    topic text NOT NULL,
    partition integer NOT NULL,
    record_offset bigint NOT NULL,
    event_id text NOT NULL,
    subject text,
    reason text NOT NULL,
    error text NOT NULL,
    attempts integer NOT NULL,
    behind text,
    parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (topic, partition, record_offset)
);
CREATE INDEX parked_subject ON parked (topic, subject);
"""

# Messages that Kafka refuses for good wait here, put aside: see messaging/relay.py.
OUTBOX_2 = """
CREATE TABLE outbox_refused (
    position bigint PRIMARY KEY,
    topic text NOT NULL,
    key bytea,
    sequence bigint,
    headers text NOT NULL,
    value bytea,
    staged_at timestamptz NOT NULL,
    fault text NOT NULL,
    refused_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX outbox_refused_key ON outbox_refused (topic, key);
"""

# What tells a repeated event from another one under its number: see messaging/marks.py.
INBOX_2 = """
ALTER TABLE inbox ADD COLUMN recent bytea NOT NULL DEFAULT ''::bytea;
"""

TIMERS_1 = """
CREATE TABLE timers (
    kind text NOT NULL,
    key text NOT NULL,
    due_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    PRIMARY KEY (kind, key)
);
CREATE INDEX timers_due ON timers (due_at);
"""

# What all processes have used of budgets: see http/budgets/. Not in the write-ahead log: a crash of
# the server may forget counts, which begin again within their windows.
BUDGETS_1 = """
CREATE UNLOGGED TABLE budget_counts (
    key bytea PRIMARY KEY,
    used bigint NOT NULL,
    most bigint NOT NULL,
    ends_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX budget_counts_end ON budget_counts (ends_at);
CREATE INDEX budget_counts_half_used ON budget_counts (changed_at) WHERE used * 2 >= most;
"""

IDEMPOTENCY_1 = """
CREATE TABLE idempotency_keys (
    scope text PRIMARY KEY,
    fingerprint text NOT NULL,
    minted_id uuid NOT NULL,
    locked_until timestamptz,
    status integer,
    answer bytea,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
"""

# What is remembered about one thing can be erased: see http/idempotency.py.
IDEMPOTENCY_2 = """
ALTER TABLE idempotency_keys ADD COLUMN subject uuid;
UPDATE idempotency_keys SET subject = minted_id;
CREATE INDEX idempotency_keys_subject ON idempotency_keys (subject);
"""
