"""Whether a process of the service runs: each holds a shared lock of its database while it does."""

from services.chassis.postgres.connections import Connection

# Of the service's own database: locks of two databases never meet.
_LOCK = 7_236_514
_HOLD = f"SELECT pg_advisory_lock_shared({_LOCK})"
_TRY = f"SELECT pg_try_advisory_lock({_LOCK}) AS free"


class ProcessRuns(Exception):
    """What was asked for is done only while no process of the service runs."""


async def hold(connection: Connection) -> None:
    """Hold the lock as long as the connection is there; waits while work is done without us."""
    await connection.execute(_HOLD)


async def refuse_if_running(connection: Connection) -> None:
    """Keep processes from starting as long as the connection is there; raise ProcessRuns."""
    row = await (await connection.execute(_TRY)).fetchone()
    if row is None or not row["free"]:
        raise ProcessRuns
