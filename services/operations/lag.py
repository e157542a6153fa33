"""`bookwith lag`: how far each consumer group is behind, in events and in seconds."""

import asyncio
import time
from typing import Any

import typer
from aiokafka import TopicPartition
from rich.table import Table

from contracts.topics import TOPICS
from services.operations.broker import Broker, Servers, connected, servers
from services.operations.output import Json, failures, show

app = typer.Typer()


@app.command()
def lag(bootstrap_servers: Servers = None, *, as_json: Json = False) -> None:
    """Show how far each consumer group is behind on each topic."""
    with failures(as_json=as_json):
        rows = asyncio.run(_lags(servers(bootstrap_servers)))
        show(rows, as_json=as_json, words=lambda: _table(rows))


async def _lags(bootstrap_servers: str) -> list[dict[str, Any]]:
    groups = sorted({group for topic in TOPICS for group in topic.subscribers})
    rows: list[dict[str, Any]] = []
    async with connected(bootstrap_servers) as broker:
        for group in groups:
            committed = await broker.committed(group)
            read = [topic.name for topic in TOPICS if group in topic.subscribers]
            rows += [await _lag(broker, group, topic, committed) for topic in read]
    return rows


async def _lag(
    broker: Broker, group: str, topic: str, committed: dict[TopicPartition, int]
) -> dict[str, Any]:
    held = await broker.partitions([topic])
    ends = await broker.consumer.end_offsets(held)
    behind = {each: committed.get(each, 0) for each in held if ends[each] > committed.get(each, 0)}
    oldest = await _oldest(broker, behind)
    return {
        "group": group,
        "topic": topic,
        "events": sum(ends[each] - offset for each, offset in behind.items()),
        "seconds": round(max(0.0, time.time() - oldest), 1) if oldest else 0.0,
    }


async def _oldest(broker: Broker, behind: dict[TopicPartition, int]) -> float | None:
    """Return when the oldest record that waits was written, in seconds since 1970."""
    if not behind:
        return None
    await broker.start_at(behind)
    times = []
    for each in behind:
        found = await broker.consumer.getmany(each, timeout_ms=1000, max_records=1)
        times += [record.timestamp / 1000 for batch in found.values() for record in batch]
    return min(times, default=None)


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table()
    for heading in ("group", "topic", "events behind", "seconds behind"):
        table.add_column(heading, justify="right" if "behind" in heading else "left")
    for row in rows:
        table.add_row(row["group"], row["topic"], str(row["events"]), str(row["seconds"]))
    return table
