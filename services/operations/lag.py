"""`bookwith lag`: how far each consumer group is behind, in events and in seconds."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import typer
from aiokafka import TopicPartition
from rich.table import Table

from contracts.topics import TOPICS
from services.operations.broker import Broker, Servers, connected, servers
from services.operations.output import Json, failures, show

app = typer.Typer(rich_markup_mode=None)


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a group is behind on a topic; seconds since the oldest event that it has not read."""

    group: str
    topic: str
    events: int
    seconds: float


@app.command()
def lag(
    context: typer.Context, bootstrap_servers: Servers = None, *, as_json: Json = False
) -> None:
    """Show how far each consumer group is behind on each topic."""
    with failures(as_json=as_json):
        lags = asyncio.run(_lags(servers(context, bootstrap_servers)))
        show([asdict(each) for each in lags], as_json=as_json, text=lambda: _table(lags))


async def _lags(bootstrap_servers: str) -> list[Lag]:
    groups = sorted({group for topic in TOPICS for group in topic.subscribers})
    lags: list[Lag] = []
    async with connected(bootstrap_servers) as broker:
        for group in groups:
            committed = await broker.committed(group)
            topics = [topic.name for topic in TOPICS if group in topic.subscribers]
            lags += [await _lag(broker, group, topic, committed) for topic in topics]
    return lags


async def _lag(
    broker: Broker, group: str, topic: str, committed: Mapping[TopicPartition, int]
) -> Lag:
    partitions = await broker.partitions([topic])
    ends = await broker.consumer.end_offsets(partitions)
    behind = {
        each: committed.get(each, 0) for each in partitions if ends[each] > committed.get(each, 0)
    }
    oldest = await _oldest(broker, behind)
    return Lag(
        group,
        topic,
        events=sum(ends[each] - offset for each, offset in behind.items()),
        seconds=round(max(0.0, time.time() - oldest), 1) if oldest else 0.0,
    )


async def _oldest(broker: Broker, behind: Mapping[TopicPartition, int]) -> float | None:
    """Return when the oldest unread record was written, in seconds since 1970."""
    if not behind:
        return None
    await broker.start_at(behind)
    times = []
    for each in behind:
        found = await broker.consumer.getmany(each, timeout_ms=1000, max_records=1)
        times += [record.timestamp / 1000 for batch in found.values() for record in batch]
    return min(times, default=None)


def _table(lags: list[Lag]) -> Table:
    table = Table()
    for heading in ("group", "topic", "events behind", "seconds behind"):
        table.add_column(heading, justify="right" if "behind" in heading else "left")
    for each in lags:
        table.add_row(each.group, each.topic, str(each.events), str(each.seconds))
    return table
