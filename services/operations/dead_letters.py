"""`bookwith dead-letters list`: the records that no consumer could apply, and why."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import typer
from aiokafka import ConsumerRecord
from rich.table import Table

from contracts.topics import DEAD_LETTER_TOPICS
from services.operations.broker import Servers, connected, servers
from services.operations.events import RecordedEvent, read
from services.operations.output import Json, failures, show

# What a tombstone says that has taken away what was parked about somebody.
ERASED = "erased"

app = typer.Typer(rich_markup_mode=None)
dead_letters = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(dead_letters, name="dead-letters")

NAMES = tuple(topic.name for topic in DEAD_LETTER_TOPICS)
COLUMNS = ("group", "topic", "offset", "type", "reason", "error", "behind")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """One record, without its body: that may be personal data."""

    topic: str
    offset: int
    id: str | None
    type: str | None
    subject: str | None
    key: str | None
    notes: Mapping[str, str | int]
    """The `dlt_` headers: why and where it failed."""

    def document(self) -> dict[str, Any]:
        """Return what is printed."""
        return {
            "dead_letter_topic": self.topic,
            "dead_letter_offset": self.offset,
            "group": self.topic.split(".")[-2],
            "id": self.id,
            "type": self.type,
            "subject": self.subject,
            "key": self.key,
            **self.notes,
        }


@dead_letters.callback()
def group() -> None:
    """Records that no consumer could apply."""


@dead_letters.command(name="list")
def list_(
    context: typer.Context, bootstrap_servers: Servers = None, *, as_json: Json = False
) -> None:
    """List the dead letters with the reason of each."""
    with failures(as_json=as_json):
        letters = asyncio.run(_letters(servers(context, bootstrap_servers)))
        documents = [letter.document() for letter in letters]
        show(documents, as_json=as_json, text=lambda: _table(documents) if documents else "None.")


async def _letters(bootstrap_servers: str) -> list[DeadLetter]:
    async with connected(bootstrap_servers) as broker:
        found = broker.records(NAMES, beginning=True, follow=False)
        letters = [_letter(record) async for record in found]
        return [letter for letter in letters if letter.notes.get("reason") != ERASED]


def _letter(record: ConsumerRecord) -> DeadLetter:
    notes = {
        name.removeprefix("dlt_"): value.decode(errors="replace")
        for name, value in record.headers
        if name.startswith("dlt_")
    }
    event = read(record)
    readable = event if isinstance(event, RecordedEvent) else None
    return DeadLetter(
        topic=record.topic,
        offset=record.offset,
        id=readable.id if readable else None,
        type=event.type,
        subject=readable.subject if readable else None,
        key=event.key,
        notes={name: int(text) if text.isdigit() else text for name, text in notes.items()},
    )


def _table(letters: list[dict[str, Any]]) -> Table:
    table = Table()
    for heading in COLUMNS:
        table.add_column(heading, overflow="fold")
    for letter in letters:
        table.add_row(*(str(letter.get(name) or "") for name in COLUMNS))
    return table
