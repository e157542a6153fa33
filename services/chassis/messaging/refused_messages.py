"""The messages that Kafka refused: shown, and put back once it would take them."""

from dataclasses import dataclass
from datetime import datetime

from services.chassis.messaging.relay_statements import PUT_BACK, REFUSED
from services.chassis.postgres.database import Database, fetch


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedMessage:
    """One message, without its body: that may be personal data."""

    position: int
    topic: str
    key: str | None
    sequence: int | None
    fault: str
    size: int | None
    staged_at: datetime
    refused_at: datetime
    behind: int
    """How many later messages of its key wait for it."""


async def refused_messages(database: Database) -> list[RefusedMessage]:
    """Return them in their order."""
    async with database.connection() as connection:
        return [RefusedMessage(**row) for row in await fetch(connection, REFUSED)]


async def put_back(database: Database) -> int:
    """Let the relay send all of them again, before what waits behind them; return how many."""
    async with database.transaction() as connection:
        return len(await fetch(connection, PUT_BACK))
