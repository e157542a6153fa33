"""`bookwith events tail`: the events as a subscriber sees them, decoded."""

import asyncio
import json
from typing import Annotated, Any

import typer
from aiokafka import ConsumerRecord

from contracts.envelope import NotACloudEvent, decode
from contracts.topics import TOPICS
from services.operations.broker import Servers, connected, servers
from services.operations.output import Exit, Failure, Json, console, failures, print_envelope

app = typer.Typer()
events = typer.Typer(help="Events on Kafka.", no_args_is_help=True)
app.add_typer(events, name="events")

NAMES = tuple(topic.name for topic in TOPICS)


@events.callback()
def group() -> None:
    """Events on Kafka."""


@events.command()
def tail(
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
        chosen = topic or NAMES
        if unknown := set(chosen) - set(NAMES):
            words = f"There is no topic {', '.join(sorted(unknown))}."
            raise Failure(Exit.NOT_FOUND, words, f"Topics: {', '.join(NAMES)}.")
        wanted = {"type": type_, "key": organizer, "subject": booking}
        reading = _print(servers(bootstrap_servers), chosen, wanted, beginning, follow, as_json)
        try:
            asyncio.run(reading)
        except KeyboardInterrupt:
            return


async def _print(
    bootstrap_servers: str,
    topics: Any,
    wanted: dict[str, Any],
    beginning: bool,
    follow: bool,
    as_json: bool,
) -> None:
    async with connected(bootstrap_servers) as broker:
        async for record in broker.records(topics, beginning=beginning, follow=follow):
            event = seen(record)
            if not _is_wanted(event, wanted):
                continue
            if as_json:
                print_envelope({"ok": True, "data": event, "error": None})
            else:
                console.print(_line(event), highlight=False, markup=False, soft_wrap=True)


def seen(record: ConsumerRecord) -> dict[str, Any]:
    """Return the record as a subscriber sees it; one that is no event says why."""
    place = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "key": record.key.decode(errors="replace") if record.key else None,
    }
    try:
        envelope, body = decode(record.key, record.value, record.headers)
        data = json.loads(body) if body else None
    except (NotACloudEvent, ValueError) as error:
        return {**place, "type": None, "unreadable": str(error)}
    return {
        **place,
        "id": envelope.id,
        "type": envelope.type,
        "name": envelope.type.split(".")[-2],
        "subject": envelope.subject,
        "sequence": envelope.sequence,
        "time": envelope.time.isoformat().replace("+00:00", "Z"),
        "correlation_id": envelope.correlation_id,
        "causation_id": envelope.causation_id,
        "data": data,
    }


def _is_wanted(event: dict[str, Any], wanted: dict[str, Any]) -> bool:
    types = wanted["type"]
    if types and event.get("name") not in types and event["type"] not in types:
        return False
    if wanted["key"] and event["key"] != wanted["key"]:
        return False
    return not wanted["subject"] or event.get("subject") == wanted["subject"]


def _line(event: dict[str, Any]) -> str:
    if event["type"] is None:
        return f"{event['topic']}@{event['offset']} unreadable: {event['unreadable']}"
    body = json.dumps(event["data"], ensure_ascii=False)
    return f"{event['time']} #{event['sequence']} {event['name']} {event['subject']} {body}"
