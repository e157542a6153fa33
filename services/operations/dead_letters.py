"""`bookwith dead-letters list`: the records that no consumer could apply, and why."""

import asyncio
from typing import Any

import typer
from aiokafka import ConsumerRecord
from rich.table import Table

from contracts.topics import DEAD_LETTER_TOPICS
from services.operations.broker import Servers, connected, servers
from services.operations.events import seen
from services.operations.output import Json, failures, show

app = typer.Typer()
dead_letters = typer.Typer(no_args_is_help=True)
app.add_typer(dead_letters, name="dead-letters")

NAMES = tuple(topic.name for topic in DEAD_LETTER_TOPICS)


@dead_letters.callback()
def group() -> None:
    """Records that no consumer could apply."""


@dead_letters.command(name="list")
def list_(bootstrap_servers: Servers = None, *, as_json: Json = False) -> None:
    """List the dead letters with the reason of each."""
    with failures(as_json=as_json):
        letters = asyncio.run(_letters(servers(bootstrap_servers)))
        show(letters, as_json=as_json, words=lambda: _table(letters) if letters else "None.")


async def _letters(bootstrap_servers: str) -> list[dict[str, Any]]:
    async with connected(bootstrap_servers) as broker:
        found = broker.records(NAMES, beginning=True, follow=False)
        return [_letter(record) async for record in found]


def _letter(record: ConsumerRecord) -> dict[str, Any]:
    """Return why and where, without the body: it may be personal."""
    notes = {
        name.removeprefix("dlt_"): value.decode(errors="replace")
        for name, value in record.headers
        if name.startswith("dlt_")
    }
    event = seen(record)
    return {
        "dead_letter_topic": record.topic,
        "dead_letter_offset": record.offset,
        "group": record.topic.split(".")[-2],
        "id": event.get("id"),
        "type": event["type"],
        "subject": event.get("subject"),
        "key": event["key"],
        **{name: int(text) if text.isdigit() else text for name, text in notes.items()},
    }


def _table(letters: list[dict[str, Any]]) -> Table:
    table = Table()
    for heading in ("group", "topic", "offset", "type", "reason", "error", "behind"):
        table.add_column(heading, overflow="fold")
    for letter in letters:
        table.add_row(
            letter["group"],
            *(str(letter.get(name) or "") for name in ("topic", "offset", "type")),
            *(str(letter.get(name) or "") for name in ("reason", "error", "behind")),
        )
    return table
