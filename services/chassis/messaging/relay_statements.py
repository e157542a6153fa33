"""The relay's statements: its lease, what is unsent, what was sent, what is put aside."""

from services.chassis.postgres.database import sql

TAKE_LEASE = sql("""
    INSERT INTO relay_lease AS l (name, holder, epoch, expires_at)
    VALUES ('outbox', %(holder)s, 1, clock_timestamp() + %(seconds)s * interval '1 second')
    ON CONFLICT (name) DO UPDATE SET
        holder = excluded.holder,
        epoch = l.epoch + (l.holder <> excluded.holder)::int,
        expires_at = excluded.expires_at
    WHERE l.holder = excluded.holder OR l.expires_at < clock_timestamp()
    RETURNING epoch
""")
GIVE_LEASE_BACK = sql("""
    UPDATE relay_lease SET expires_at = clock_timestamp() - interval '1 second'
    WHERE name = 'outbox' AND holder = %(holder)s
""")
# The positions travel in binary (%b): as text psycopg's arrays of a thousand cost the relay 15 % of
# its time (docs/decisions/0014-measured-optimizations.md).
# What follows a refused message of its key waits behind it: sent now, it would take its number's
# place, and the refused one could never be sent again.
UNSENT = sql("""
    SELECT position, topic, key, sequence, headers, value FROM outbox o
    WHERE position <> ALL(%(known)b::bigint[]) AND topic <> ALL(%(paused)s::text[])
        AND (sequence IS NULL OR NOT EXISTS (
            SELECT FROM outbox_refused r WHERE r.topic = o.topic AND r.key = o.key))
    ORDER BY position LIMIT %(limit)s
""")
MARK = sql("""
    WITH gone AS (
        DELETE FROM outbox
        WHERE position = ANY(%(positions)b::bigint[]) AND EXISTS (
            SELECT FROM relay_lease
            WHERE name = 'outbox' AND holder = %(holder)s AND epoch = %(epoch)s
        )
        RETURNING 1
    )
    SELECT count(*) AS marked FROM gone
""")
PUT_ASIDE = sql("""
    WITH gone AS (
        DELETE FROM outbox
        WHERE position = %(position)s AND EXISTS (
            SELECT FROM relay_lease
            WHERE name = 'outbox' AND holder = %(holder)s AND epoch = %(epoch)s
        )
        RETURNING position, topic, key, sequence, headers, value, staged_at
    )
    INSERT INTO outbox_refused (position, topic, key, sequence, headers, value, staged_at, fault)
    SELECT position, topic, key, sequence, headers, value, staged_at, %(fault)s FROM gone
    RETURNING topic, sequence
""")
DEPTH = sql("""
    SELECT count(*) AS depth,
        coalesce(extract(epoch FROM clock_timestamp() - min(staged_at)), 0)::float AS age,
        (SELECT count(*) FROM outbox_refused) AS refused
    FROM outbox
""")
REFUSED = sql("""
    SELECT position, topic, encode(key, 'escape') AS key, sequence, fault,
        octet_length(value) AS size, staged_at, refused_at,
        (SELECT count(*) FROM outbox o WHERE o.sequence IS NOT NULL
            AND o.topic = r.topic AND o.key = r.key) AS behind
    FROM outbox_refused r ORDER BY position
""")
# Under their old positions they are again before what waits behind them.
PUT_BACK = sql("""
    WITH back AS (
        DELETE FROM outbox_refused
        RETURNING position, topic, key, sequence, headers, value, staged_at
    )
    INSERT INTO outbox (position, topic, key, sequence, headers, value, staged_at)
    OVERRIDING SYSTEM VALUE
    SELECT position, topic, key, sequence, headers, value, staged_at FROM back
    RETURNING position
""")
