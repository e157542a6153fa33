"""How far the administrators' policy has come: announced for everybody, applied to every page.

An announced version reaches the pages one after the other. Until the last one is reached nobody
knows here which of them it closes, unless it closes all of them.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, SmallInteger, Table, text

from services.booking.metadata import Instant, metadata
from services.chassis.postgres.database import Statement, sql

# So long after the administrator's change a page may be booked that the change may close, unless
# it closes all of them: then not at all.
BOUND_SECONDS = 10

policy_versions = Table(
    "policy_versions",
    metadata,
    Column("id", SmallInteger, CheckConstraint("id = 1"), primary_key=True, server_default="1"),
    Column("announced", BigInteger, nullable=False, server_default="0"),
    Column("announced_at", Instant),
    Column("closes_all", Boolean, nullable=False, server_default=text("false")),
    Column("applied", BigInteger, nullable=False, server_default="0"),
)

# For the list of a SELECT: it is evaluated for the whole statement once, without a table to join.
IN_DOUBT = f"""EXISTS (
    SELECT 1 FROM policy_versions w WHERE w.closes_all OR (w.announced > w.applied
        AND w.announced_at < clock_timestamp() - interval '{BOUND_SECONDS} seconds'))
"""  # noqa: S608 -- a number of ours, never a value

_ANNOUNCE = sql("""
    INSERT INTO policy_versions AS w (announced, announced_at, closes_all)
    VALUES (%(version)s, %(at)s, %(closes_all)s)
    ON CONFLICT (id) DO UPDATE SET announced = excluded.announced,
        announced_at = excluded.announced_at, closes_all = excluded.closes_all
    WHERE excluded.announced > w.announced
""")
_APPLY = sql("""
    INSERT INTO policy_versions AS w (applied) VALUES (%(version)s)
    ON CONFLICT (id) DO UPDATE SET applied = greatest(w.applied, excluded.applied)
""")


def announce(version: int, at: datetime, *, closes_all: bool) -> Statement:
    """Keep that this version counts from then on, and has not reached every page."""
    return Statement(_ANNOUNCE, {"version": version, "at": at, "closes_all": closes_all})


def apply(version: int) -> Statement:
    """Keep that this version has reached every page."""
    return Statement(_APPLY, {"version": version})
