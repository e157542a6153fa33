"""Consumed records, read: the envelope decoded, the body left for the handler that takes it."""

from dataclasses import dataclass

from aiokafka import ConsumerRecord

from contracts.envelope import Envelope, NotACloudEvent, decode
from services.chassis.messaging.marks import Numbered
from services.chassis.messaging.record_batches import UnreadableRecord

LONGEST_NAME = 500


@dataclass(frozen=True, slots=True)
class Readable:
    """A record that is a CloudEvent of ours."""

    raw: ConsumerRecord
    envelope: Envelope
    key: str
    number: Numbered
    body: bytes


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that is not."""

    raw: ConsumerRecord
    error: Exception


def read(raw: ConsumerRecord) -> Readable | Unreadable:
    """Decode the envelope; the body stays undecoded until a handler takes it."""
    if isinstance(raw, UnreadableRecord):
        return Unreadable(raw, NotACloudEvent(raw.fault))
    try:
        envelope, body = decode(raw.key, raw.value, raw.headers)
    except NotACloudEvent as error:
        return Unreadable(raw, error)
    if envelope.sequence is None or envelope.partition_key is None:
        return Unreadable(raw, NotACloudEvent("it has no sequence"))
    names = (envelope.partition_key, envelope.subject, envelope.id)
    if max(map(len, names)) > LONGEST_NAME:
        # PostgreSQL could index neither its mark nor its parked row: it could not even be parked.
        return Unreadable(raw, NotACloudEvent("its key, subject or id is too long"))
    number = Numbered(envelope.sequence, envelope.id, envelope.time)
    return Readable(raw, envelope, envelope.partition_key, number, body)
