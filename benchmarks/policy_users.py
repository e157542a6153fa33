"""Many users for the benchmarks of policy: known to policy, and with open pages in booking."""

from pathlib import Path

from benchmarks.ground import Ground, execute
from contracts.topics import BOOKING_EVENTS, POLICY_EVENTS
from services import booking, policy
from services.chassis.postgres.migrations import migrate

# A user's id is made from their number, so that both services agree.
_ID = "md5('user' || n)::uuid"
_USERS = """
    INSERT INTO users (id, settings, enabled)
    SELECT :id, CASE n % 10
        WHEN 0 THEN '{"ews_enabled": true}'::jsonb
        WHEN 1 THEN '{"ews_block_list": ["Other*"]}'::jsonb
        WHEN 2 THEN '{"licence": {"plan": "E3", "assigned": true, "enabled": true}}'::jsonb
        ELSE '{}'::jsonb END, true
    FROM generate_series(1, :users) AS n
"""
_OWN_SETTINGS = """
    UPDATE users SET settings = jsonb_build_object('ews_block_list', jsonb_build_array(id::text))
"""
_GRANTED = """
    INSERT INTO events (id, stream, version, partition_key, sequence, type, time, data, metadata)
    SELECT gen_random_uuid(), 'user-' || :id, v.version, :id::text, v.version, v.type, now(),
        CASE v.version WHEN 1 THEN jsonb_build_object('user_id', :id, 'by', 'ada',
            'reason', 'A benchmark', 'before', '{}'::jsonb, 'after', u.settings)
        ELSE jsonb_build_object('user_id', :id, 'rule', 'ews_enabled', 'decided_by', 'default')
        END, '{}'
    FROM generate_series(1, :users) AS n JOIN users u ON u.id = :id,
        (VALUES (1, 'UserPolicyChanged'), (2, 'AccessGranted')) AS v (version, type)
"""
_SEQUENCES = """
    INSERT INTO sequences (topic, key, last)
    SELECT ':topic', :id::text, :last FROM generate_series(1, :users) AS n
"""
_PAGES = """
    INSERT INTO events (id, stream, version, partition_key, sequence, type, time, data, metadata)
    SELECT gen_random_uuid(), 'page-' || :id, v.version, :id::text, v.version, v.type, now(),
        CASE v.version WHEN 1 THEN jsonb_build_object('organizer_id', :id, 'profile',
            jsonb_build_object('handle', 'user-' || n, 'display_name', 'User', 'email',
                'user@bridges.example', 'time_zone', 'Europe/Copenhagen', 'locale', 'da',
                'time_zone_locked', false))
        ELSE '{}'::jsonb END, '{}'
    FROM generate_series(1, :users) AS n,
        (VALUES (1, 'PageCreated'), (2, 'PagePublished'), (3, 'PageAllowed')) AS v (version, type)
"""


_INBOX = """
    INSERT INTO inbox (topic, key, sequence)
    SELECT ':topic', :id::text, :last FROM generate_series(1, :users) AS n
"""


async def policy_database(ground: Ground, name: str, users: int, *, streams: bool = False) -> str:
    """Return the address of a policy database with so many users, all of them enabled."""
    url = ground.new_database(name)
    migrate(url, Path(policy.__file__).parent / "migrations")
    await execute(url, _sql(_USERS, users))
    if streams:
        sequences = _sql(_SEQUENCES, users, topic=POLICY_EVENTS, last="2")
        await execute(url, _sql(_GRANTED, users), sequences)
    await execute(url, "VACUUM ANALYZE", "CHECKPOINT")
    return url


async def give_each_own_settings(url: str) -> None:
    """Let no two users have the same settings: the worst case of a dry run."""
    await execute(url, _OWN_SETTINGS, "VACUUM ANALYZE users")


async def booking_database(ground: Ground, name: str, users: int) -> str:
    """Return the address of a booking database in which each of the users has an open page."""
    url = ground.new_database(name)
    migrate(url, Path(booking.__file__).parent / "migrations")
    sequences = _sql(_SEQUENCES, users, topic=BOOKING_EVENTS, last="3")
    inbox = _sql(_INBOX, users, topic=POLICY_EVENTS, last="2")
    await execute(url, _sql(_PAGES, users), sequences, inbox, "VACUUM ANALYZE", "CHECKPOINT")
    return url


def _sql(text: str, users: int, **names: str) -> str:
    for name, value in {"id": _ID, "users": str(users), **names}.items():
        text = text.replace(f":{name}", value)
    return text
