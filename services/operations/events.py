"""`bookwith events tail`: the events as a subscriber reads them, decoded, in order of time.

What is personal is hidden unless it is asked for.
"""

import asyncio
import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID, uuid5

import typer
from aiokafka import ConsumerRecord

from contracts.envelope import NotACloudEvent, decode
from contracts.topics import TOPICS
from services.operations.broker import Servers, connected, servers
from services.operations.command_line import Installation
from services.operations.event_lines import event_line, masked
from services.operations.output import Exit, Failure, Json, console, failures, print_data

app = typer.Typer(rich_markup_mode=None)
events = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(events, name="events")

NAMES = tuple(topic.name for topic in TOPICS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEvent:
    """An event with its place on Kafka."""

    topic: str
    partition: int
    offset: int
    key: str | None
    id: str
    type: str
    name: str
    subject: str
    sequence: int | None
    time: str
    correlation_id: str | None
    causation_id: str | None
    data: object

    def text(self, *, personal: bool) -> str:
        """Return the event as it is printed without --json."""
        what = event_line(self.topic, self.sequence, self.name, self.data, personal=personal)
        return f"{self.time[:23].ljust(23, 'Z')} {what}  {self.subject}"

    def shown(self, *, personal: bool) -> "RecordedEvent":
        """Return the event as it may be shown."""
        return self if personal else replace(self, data=masked(self.topic, self.data))


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableRecord:
    """A record that is no event, and why."""

    topic: str
    partition: int
    offset: int
    key: str | None
    unreadable: str
    type: None = None

    def text(self, *, personal: bool) -> str:
        """Return the record as it is printed without --json."""
        return f"{self.topic}@{self.offset} unreadable: {self.unreadable}"

    def shown(self, *, personal: bool) -> "UnreadableRecord":
        """Return the record: it holds its place only."""
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which events are printed; what is not given does not matter."""

    types: Sequence[str]
    organizer: str | None
    booking: str | None

    def match(self, record: RecordedEvent | UnreadableRecord) -> bool:
        """Return whether the record is printed."""
        if self.organizer and record.key != self.organizer:
            return False
        if isinstance(record, UnreadableRecord):
            return not self.types and not self.booking
        if self.types and record.name not in self.types and record.type not in self.types:
            return False
        return not self.booking or record.subject == self.booking


@events.callback()
def group() -> None:
    """Events on Kafka."""


@events.command()
def tail(
    context: typer.Context,
    bootstrap_servers: Servers = None,
    *,
    topic: Annotated[list[str] | None, typer.Option(help="Only these topics.")] = None,
    type_: Annotated[
        list[str] | None, typer.Option("--type", help="Only these, such as BookingConfirmed.")
    ] = None,
    organizer: Annotated[
        str | None, typer.Option(help="Only this organizer's: by id, or by sign-in name.")
    ] = None,
    booking: Annotated[str | None, typer.Option(help="Only this subject.")] = None,
    personal_data: Annotated[
        bool, typer.Option("--personal-data", help="Show names, addresses, private places too.")
    ] = False,
    beginning: Annotated[bool, typer.Option("--from-beginning")] = False,
    follow: Annotated[bool, typer.Option("--follow/--no-follow", help="Wait for more.")] = True,
    as_json: Json = False,
) -> None:
    """Print events as they come, or all there are with --from-beginning --no-follow."""
    with failures(as_json=as_json):
        topics = topic or NAMES
        if unknown := set(topics) - set(NAMES):
            message = f"There is no topic {', '.join(sorted(unknown))}."
            raise Failure(Exit.NOT_FOUND, message, f"Topics: {', '.join(NAMES)}.")
        key = organizer_key(context, organizer) if organizer else None
        filters = Filters(types=type_ or (), organizer=key, booking=booking)
        address = servers(context, bootstrap_servers)

        def show(event: RecordedEvent | UnreadableRecord) -> None:
            shown = event.shown(personal=personal_data)
            if as_json:
                print_data(asdict(shown))
            else:
                text = shown.text(personal=personal_data)
                console.print(text, highlight=False, markup=False, soft_wrap=True)

        try:
            asyncio.run(_read_all(address, topics, filters, show, beginning, follow))
        except KeyboardInterrupt:
            return


async def _read_all(
    bootstrap_servers: str,
    topics: Sequence[str],
    filters: Filters,
    show: Callable[[RecordedEvent | UnreadableRecord], None],
    beginning: bool,
    follow: bool,
) -> None:
    """Show what there is by its time, whatever topic it is on; then what comes, as it comes."""
    async with connected(bootstrap_servers) as broker:
        kept: list[tuple[str, str, int, int, RecordedEvent | UnreadableRecord]] = []
        async for record in broker.records(topics, beginning=beginning, follow=False):
            event = read(record)
            if filters.match(event):
                kept.append((*_place(event, record), event))
        for *_, event in sorted(kept, key=lambda each: each[:4]):
            show(event)
        if follow:
            async for record in broker.later_records():
                event = read(record)
                if filters.match(event):
                    show(event)


def _place(
    event: RecordedEvent | UnreadableRecord, record: ConsumerRecord
) -> tuple[str, str, int, int]:
    """Return what records are sorted by: when it happened; of one time, as they were written."""
    if isinstance(event, RecordedEvent):
        return event.time, record.topic, record.partition, record.offset
    written = datetime.fromtimestamp(record.timestamp / 1000, UTC).isoformat()
    return written, record.topic, record.partition, record.offset


def organizer_key(context: typer.Context, named: str) -> str:
    """Return the id of the organizer, who is named by it or by what they sign in as."""
    with suppress(ValueError):
        return str(UUID(named))
    installation = context.find_object(Installation)
    known = installation.namespace() if installation else None
    if namespace := os.environ.get("BOOKWITH_ORGANIZATION_NAMESPACE") or known:
        return str(uuid5(UUID(namespace), named))
    raise Failure(
        Exit.USAGE,
        f"{named} is no id, and the namespace that ids come from is not known here.",
        "Set BOOKWITH_ORGANIZATION_NAMESPACE, or give the organizer's id.",
    )


def read(record: ConsumerRecord) -> RecordedEvent | UnreadableRecord:
    """Return the record as a subscriber reads it."""
    key = record.key.decode(errors="replace") if record.key else None
    try:
        envelope, body = decode(record.key, record.value, record.headers)
        data = json.loads(body) if body else None
    except (NotACloudEvent, ValueError) as error:
        return UnreadableRecord(
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            key=key,
            unreadable=str(error),
        )
    return RecordedEvent(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=key,
        id=envelope.id,
        type=envelope.type,
        name=envelope.type.split(".")[-2],
        subject=envelope.subject,
        sequence=envelope.sequence,
        time=envelope.time.isoformat().replace("+00:00", "Z"),
        correlation_id=envelope.correlation_id,
        causation_id=envelope.causation_id,
        data=data,
    )
