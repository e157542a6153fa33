"""The audit: each change and each refused attempt as a record, chained to the one before it."""

from alembic import op

revision = "0005"
down_revision = "0004"

TABLE = """
-- What is stored is the text, which the digest covers; the other columns are read out of it.
CREATE TABLE audit (
    number bigint PRIMARY KEY,
    record text NOT NULL,
    digest bytea NOT NULL,
    id uuid NOT NULL GENERATED ALWAYS AS ((record::jsonb ->> 'id')::uuid) STORED,
    at text COLLATE "C" NOT NULL GENERATED ALWAYS AS (record::jsonb ->> 'time') STORED,
    outcome text NOT NULL GENERATED ALWAYS AS (record::jsonb ->> 'outcome') STORED,
    who text NOT NULL GENERATED ALWAYS AS (record::jsonb ->> 'who') STORED,
    what text NOT NULL GENERATED ALWAYS AS (record::jsonb ->> 'what') STORED,
    whom text GENERATED ALWAYS AS (record::jsonb ->> 'whom') STORED,
    CONSTRAINT audit_id_key UNIQUE (id)
);
CREATE INDEX audit_who ON audit (who, number);
CREATE INDEX audit_whom ON audit (whom, number);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_refused ON audit (at, who) WHERE outcome = 'refused';

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is never changed';
END $$;
CREATE TRIGGER audit_is_appended_to BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_is_kept BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER events_are_kept BEFORE TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- Whoever owns the table has these rights until they are taken away, and can give them back.
REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM PUBLIC, CURRENT_USER;
"""

# A record's number and digest follow from the record before it, so they are drawn one transaction
# at a time. The lock is held from here to the COMMIT: whoever calls this has nothing left to do.
APPEND = """
CREATE FUNCTION append_audit(p_record jsonb) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_number bigint;
    v_digest bytea;
    v_record text;
BEGIN
    PERFORM pg_advisory_xact_lock(7236515);
    SELECT number, digest INTO v_number, v_digest FROM audit ORDER BY number DESC LIMIT 1;
    v_number := coalesce(v_number, 0) + 1;
    v_record := (jsonb_build_object('time', audit_time(clock_timestamp())) || p_record
        || jsonb_build_object('number', v_number))::text;
    INSERT INTO audit (number, record, digest) VALUES (v_number, v_record, sha256(
        coalesce(v_digest, decode(repeat('00', 32), 'hex')) || convert_to(v_record, 'UTF8')));
    RETURN v_number;
END $$;
"""

RECORD = """
CREATE FUNCTION audit_time(p_time timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(p_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;
-- A change as the audit has it: the whole event, and what it is found by.
CREATE FUNCTION audit_of_event(e events) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', e.id, 'time', audit_time(e.time), 'outcome', 'made',
        'who', coalesce(e.data ->> 'by', e.metadata ->> 'actor', 'unknown'),
        'what', CASE e.type
            WHEN 'SharingPolicyChanged' THEN 'sharing_policy'
            ELSE split_part(e.stream, '-', 1) END,
        'whom', coalesce(e.data ->> 'user_id', CASE e.type
            WHEN 'SharingPolicyChanged' THEN e.data #>> '{after,name}' END),
        'why', coalesce(e.data ->> 'reason', ''),
        'origin', e.metadata -> 'origin',
        'correlation_id', e.metadata ->> 'correlation_id',
        'event', jsonb_build_object(
            'type', e.type, 'stream', e.stream, 'version', e.version, 'data', e.data))
$$;
"""

# Decisions follow from the changes by the rules, and there is one for each user: they are in the
# log. Deferred to the COMMIT, where all locks of the transaction's keys are held already.
CHANGES = """
CREATE FUNCTION audit_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM append_audit(audit_of_event(NEW));
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER changes_are_audited AFTER INSERT ON events
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.type NOT IN ('AccessGranted', 'AccessWithdrawn', 'PolicyApplied'))
    EXECUTE FUNCTION audit_event();
"""

# The changes of before, in their order.
HISTORY = """
LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE;
DO $$
DECLARE
    v_event events;
BEGIN
    FOR v_event IN
        SELECT * FROM events
        WHERE type NOT IN ('AccessGranted', 'AccessWithdrawn', 'PolicyApplied')
        ORDER BY time, id
    LOOP
        PERFORM append_audit(audit_of_event(v_event));
    END LOOP;
END $$;
"""


def upgrade() -> None:
    for part in (TABLE, RECORD, APPEND, HISTORY, CHANGES):
        op.get_bind().exec_driver_sql(part)
