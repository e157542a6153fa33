"""The fixtures: a whole record of each event, for tests of subscribers that are not ours."""

from datetime import timedelta
from typing import Any

from contracts.envelope import Envelope
from contracts.event import ContractEvent
from contracts.generators.sample_values import NOW, sample_id
from contracts.generators.samples import samples

_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def fixtures() -> dict[str, dict[str, Any]]:
    """Return for each type a record: topic, key, headers and the body, null for a tombstone."""
    counted: dict[tuple[str, str], int] = {}
    records = {}
    for number, event in enumerate(samples(), start=1):
        channel = (event.TOPIC, event.key)
        counted[channel] = counted.get(channel, 0) + 1
        envelope = _envelope(event, number, counted[channel])
        records[event.TYPE] = {
            "topic": event.TOPIC,
            "key": event.key,
            "headers": {name: value.decode() for name, value in envelope.to_headers()},
            "body": None if event.TOMBSTONE else event.model_dump(mode="json"),
        }
    return records


def _envelope(event: ContractEvent, number: int, sequence: int) -> Envelope:
    return Envelope(
        id=str(sample_id(100 + number)),
        type=event.TYPE,
        source=event.SOURCE,
        subject=event.subject,
        time=NOW + timedelta(seconds=number, microseconds=number),
        dataschema=event.DATASCHEMA,
        partition_key=event.key,
        sequence=sequence,
        correlation_id=str(sample_id(100)),
        causation_id=str(sample_id(99 + number)),
        traceparent=f"00-{_TRACE}-{number:016x}-01",
    )
