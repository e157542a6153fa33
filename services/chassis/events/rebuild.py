"""Read models made again from the log and from topics: beside the old ones, then in their place.

All happens in one transaction: who asks meanwhile sees the rows of before, and a rebuild that is
interrupted has changed nothing. Whatever else a projection writes (a timer, what is kept of other
services' events) goes into an empty copy that is thrown away, so that nothing happens twice.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, LiteralString

from psycopg.rows import DictRow
from psycopg.sql import SQL, Composed, Identifier
from sqlalchemy import MetaData, Table

from services.chassis.events.streams import AnyCategory, Recorded
from services.chassis.messaging.replaying import Replayed, replay
from services.chassis.messaging.whole_topics import TopicIncomplete, WholeTopics
from services.chassis.postgres import connections
from services.chassis.postgres.connections import Connection
from services.chassis.postgres.presence import ProcessRuns, refuse_if_running

BATCH = 1000

# In the order of commits: by sequence within a key; among keys by time, which may step back within
# a key where two commands overlapped.
_LOG = """
    SELECT e.id, e.stream, e.version, e.partition_key, e.time, e.type, e.data::text AS data
    FROM events e
    ORDER BY max(e.time) OVER (PARTITION BY e.partition_key ORDER BY e.sequence),
        e.partition_key, e.sequence
"""

__all__ = ["ProcessRuns", "ReadModels", "Rebuilt", "TopicIncomplete", "rebuild"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadModels:
    """A service's tables: what is rebuilt from its log or from topics, and why others are not.

    `replayed` are the topics that are read again, after the log, and what is done about their
    events, made for each rebuild. `over` says in SQL which rows of a table mean nothing any more:
    whether they are still there depends on who came by.
    """

    metadata: MetaData
    categories: Sequence[AnyCategory] = ()
    rebuilt: Sequence[Table] = ()
    from_topics: Sequence[Table] = ()
    replayed: Callable[[], Sequence[Replayed]] = tuple
    kept: Mapping[Table, str]
    over: Mapping[Table, LiteralString] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What came of one read model: its rows, and how many came or went by the rebuild."""

    table: str
    rows: int
    added: int
    removed: int


async def rebuild(
    url: str,
    models: ReadModels,
    *,
    dry_run: bool = False,
    topics: WholeTopics | None = None,
    service: str = "",
) -> list[Rebuilt]:
    """Rebuild the read models; a dry run only compares, and may be done beside processes.

    Without `topics` those from topics stay as they are.

    Raises:
        ProcessRuns: a process of the service runs.
        KafkaError: Kafka does not answer.
        TopicIncomplete: a topic does not have its first records any more.
    """
    made = [*models.rebuilt, *(models.from_topics if topics else ())]
    async with _transaction(url, models, dry_run=dry_run) as connection:
        for table in models.metadata.sorted_tables:
            if table.name != "events":
                await _copy(connection, table, whole=table not in models.over)
        await _project_all(connection, {each.name: each for each in models.categories})
        if topics:
            await replay(connection, topics, service, models.replayed())
        compared = [
            await _compare(connection, table, models.over.get(table, "false")) for table in made
        ]
        if not dry_run:
            for table in made:
                await _replace(connection, table)
    return compared


@asynccontextmanager
async def _transaction(url: str, models: ReadModels, *, dry_run: bool) -> AsyncIterator[Connection]:
    connection = await connections.connect(url)
    async with connection:
        # A whole log is read: no statement of it is in a hurry.
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
            await connection.execute(SQL("SET {} = 0").format(Identifier(limit)))
        if not dry_run:
            await refuse_if_running(connection)
        async with connection.transaction():
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            if not dry_run and "events" in models.metadata.tables:
                # Who appends although it was looked for processes waits until the end.
                await connection.execute("LOCK TABLE events IN SHARE MODE")
            yield connection


async def _copy(connection: Connection, table: Table, *, whole: bool) -> None:
    """Make the empty copy that is found before the table, with all its constraints.

    Where rows may be over that somebody has dropped since, only the key counts: they stand in the
    way of later ones here.
    """
    name, key = Identifier(table.name), _listed(column.name for column in table.primary_key)
    like = "INCLUDING ALL" if whole else "INCLUDING DEFAULTS"
    await connection.execute(
        SQL("CREATE TEMPORARY TABLE {name} (LIKE public.{name} {like}) ON COMMIT DROP").format(
            name=name, like=SQL(like)
        )
    )
    if not whole:
        await connection.execute(
            SQL("ALTER TABLE pg_temp.{} ADD PRIMARY KEY ({})").format(name, key)
        )


async def _project_all(connection: Connection, categories: Mapping[str, AnyCategory]) -> None:
    if not categories:
        return
    async with connection.cursor(name="log") as log:
        await log.execute(_LOG)
        while batch := await log.fetchmany(BATCH):
            async with connection.pipeline():
                for row in batch:
                    category = categories[row["stream"].partition("-")[0]]
                    for each in category.project(_recorded(category, row)):
                        values = {**each.prepared.defaults, **each.values}
                        await connection.execute(each.prepared.text, values, prepare=True)


def _recorded(category: AnyCategory, row: DictRow) -> Recorded[Any]:
    event = category.codec.decode(row["type"], row["data"])
    place = (row["id"], row["stream"], row["version"], row["partition_key"], row["time"])
    return Recorded(*place, event)


async def _compare(connection: Connection, table: Table, over: LiteralString) -> Rebuilt:
    name, columns = Identifier(table.name), _listed(column.name for column in table.columns)
    await connection.execute(SQL("DELETE FROM pg_temp.{} WHERE {}").format(name, SQL(over)))
    counted = {}
    for what, one, other in (("added", "pg_temp", "public"), ("removed", "public", "pg_temp")):
        query = SQL(
            "SELECT count(*) AS n FROM (SELECT ROW({columns})::text FROM {one}.{name}"
            " WHERE ({over}) IS NOT TRUE"
            " EXCEPT ALL SELECT ROW({columns})::text FROM {other}.{name}) AS d"
        )
        parts = {"one": SQL(one), "other": SQL(other), "over": SQL(over)}
        counted[what] = await _count(connection, query.format(columns=columns, name=name, **parts))
    rows = await _count(connection, SQL("SELECT count(*) AS n FROM pg_temp.{}").format(name))
    return Rebuilt(table=table.name, rows=rows, **counted)


async def _replace(connection: Connection, table: Table) -> None:
    name, columns = Identifier(table.name), _listed(column.name for column in table.columns)
    await connection.execute(SQL("DELETE FROM public.{}").format(name))
    await connection.execute(
        SQL("INSERT INTO public.{name} ({columns}) SELECT {columns} FROM pg_temp.{name}").format(
            name=name, columns=columns
        )
    )


async def _count(connection: Connection, query: Composed) -> int:
    row = await (await connection.execute(query)).fetchone()
    assert row is not None
    return int(row["n"])


def _listed(names: Any) -> Composed:
    return SQL(", ").join(map(Identifier, names))
