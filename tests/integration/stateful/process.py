"""A process of booking without HTTP and Kafka: its commands on the real store, with a set clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

from services.booking.bookings.alternatives import Alternatives
from services.booking.bookings.answer_commands import AnswerCommands
from services.booking.bookings.booking_commands import BookingCommands
from services.booking.bookings.reader import BookingReader
from services.booking.free_times import FreeTimesClient
from services.booking.read_models import MODELS
from services.booking.settings import BookingSettings
from services.booking.store import UNIQUE_NAMES
from services.booking.timers import timers_of
from services.booking.tokens import Tokens
from services.booking.waiting import ANSWERS, Waiting
from services.chassis.events.timers import Timers
from services.chassis.events.transactions import Transactions
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.postgres.database import Database
from services.chassis.postgres.signals import Signals
from tests.builders import NOW
from tests.component.running import KEYS, PUBLIC_URL, settings

# Nobody answers there: no other times are named.
NOBODY = "http://127.0.0.1:1"
HOLD = timedelta(minutes=5)
PROVE_WITHIN = timedelta(hours=1)
# Found before PostgreSQL's own: every statement of the service asks this clock. It stands still.
_CLOCK: LiteralString = """
    CREATE SCHEMA set_clock;
    CREATE TABLE set_clock.clock (at timestamptz NOT NULL);
    INSERT INTO set_clock.clock VALUES (now());
    CREATE FUNCTION set_clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
        AS 'SELECT at FROM set_clock.clock';
    CREATE FUNCTION set_clock.now() RETURNS timestamptz LANGUAGE sql VOLATILE
        AS 'SELECT at FROM set_clock.clock';
"""
_TABLES = [table.name for table in MODELS.metadata.sorted_tables]


@dataclass(frozen=True, slots=True)
class Process:
    """One process: `bookings` waits for no verdict, `patient` waits for seconds."""

    database: Database
    transactions: Transactions
    bookings: BookingCommands
    patient: BookingCommands
    answers: AnswerCommands
    reader: BookingReader
    timers: Timers
    signals: Signals
    free_times: FreeTimesClient

    async def close(self) -> None:
        """Close its connections."""
        await self.free_times.close()
        await self.database.close()


async def started(url: str) -> Process:
    """Return a process on the database."""
    chosen = settings(
        BookingSettings, url, "127.0.0.1:1", "http://127.0.0.1:1", availability_url=NOBODY
    )
    database = Database(url, size=3)
    await database.open()
    signals = Signals(database, (ANSWERS,))
    transactions = Transactions(database, lambda: None, UNIQUE_NAMES)
    reader = BookingReader(transactions)
    free_times = FreeTimesClient(NOBODY)

    tokens = Tokens(KeyRing.parse(KEYS), PUBLIC_URL)

    def commands(longest_wait: float) -> BookingCommands:
        return BookingCommands(
            transactions=transactions,
            reader=reader,
            waiting=Waiting(signals, longest_wait),
            alternatives=Alternatives(free_times, tokens),
            tokens=tokens,
            hold=HOLD,
            prove_within=PROVE_WITHIN,
        )

    return Process(
        database,
        transactions,
        commands(0),
        commands(10),
        AnswerCommands(transactions, reader),
        reader,
        Timers(database, timers_of(chosen), lambda: None),
        signals,
        free_times,
    )


async def with_set_clock(url: str) -> None:
    """Let all that connects to the database from now on ask a clock that the test sets."""
    database = Database(url, size=2)
    await database.open()
    async with database.connection() as connection:
        await connection.execute(_CLOCK)
        await connection.execute(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path ="
            " set_clock, pg_catalog, public', current_database()); END $$"
        )
    await database.close()


async def set_clock(database: Database, at: datetime) -> None:
    """Set the clock of every process."""
    async with database.connection() as connection:
        await connection.execute("UPDATE set_clock.clock SET at = %s", (at,))


async def emptied(database: Database) -> None:
    """Delete everything, and set the clock to a Monday morning."""
    async with database.connection() as connection:
        await connection.execute(f"TRUNCATE {', '.join(_TABLES)}".encode())
    await set_clock(database, NOW)
