"""`bookwith events tail`: the events as a subscriber reads them, decoded."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

import typer
from aiokafka import ConsumerRecord

from contracts.envelope import NotACloudEvent, decode
from contracts.topics import TOPICS
from services.operations.broker import Servers, connected, servers
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

    def __str__(self) -> str:
        body = json.dumps(self.data, ensure_ascii=False)
        return f"{self.time} #{self.sequence} {self.name} {self.subject} {body}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableRecord:
    """A record that is no event, and why."""

    topic: str
    partition: int
    offset: int
    key: str | None
    unreadable: str
    type: None = None

    def __str__(self) -> str:
        return f"{self.topic}@{self.offset} unreadable: {self.unreadable}"


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
    organizer: Annotated[str | None, typer.Option(help="Only this key.")] = None,
    booking: Annotated[str | None, typer.Option(help="Only this subject.")] = None,
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
        filters = Filters(types=type_ or (), organizer=organizer, booking=booking)
        address = servers(context, bootstrap_servers)
        try:
            asyncio.run(_print(address, topics, filters, beginning, follow, as_json))
        except KeyboardInterrupt:
            return


async def _print(
    bootstrap_servers: str,
    topics: Sequence[str],
    filters: Filters,
    beginning: bool,
    follow: bool,
    as_json: bool,
) -> None:
    async with connected(bootstrap_servers) as broker:
        async for record in broker.records(topics, beginning=beginning, follow=follow):
            event = read(record)
            if not filters.match(event):
                continue
            if as_json:
                print_data(asdict(event))
            else:
                console.print(str(event), highlight=False, markup=False, soft_wrap=True)


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
