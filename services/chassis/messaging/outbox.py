"""The outbox: messages staged in the transaction that causes them."""

from datetime import datetime
from uuid import UUID

from contracts.envelope import Envelope
from contracts.event import ContractEvent
from services.chassis.ids import new_id
from services.chassis.messaging.headers import pack
from services.chassis.postgres.database import (
    Statement,
    sql,
)
from services.chassis.runtime.cause import Cause, current_cause

CHANNEL = "outbox"

_STAGE = sql("SELECT stage_message(%(topic)s, %(key)s, %(headers)s, %(value)s)")
_STAGE_RECORD = sql("""
    INSERT INTO outbox (topic, key, headers, value)
    VALUES (%(topic)s, %(key)s, %(headers)s, %(value)s)
""")


def headers_of(
    message: ContractEvent, *, id_: UUID, at: datetime, cause: Cause, key: str | None = None
) -> str:
    """Return the message's envelope as the outbox keeps it; the sequence is added when drawn."""
    envelope = Envelope(
        id=str(id_),
        type=message.TYPE,
        source=message.SOURCE,
        subject=message.subject,
        time=at,
        dataschema=message.DATASCHEMA,
        partition_key=key or message.key,
        sequence=None,
        correlation_id=cause.correlation_id,
        causation_id=cause.causation_id,
        traceparent=cause.traceparent,
    )
    return pack(envelope.to_headers())


def message(event: ContractEvent, *, at: datetime, tombstone: bool = False) -> Statement:
    """Stage a contract event that is no stored event; a tombstone keeps the headers only."""
    return Statement(
        _STAGE,
        {
            "topic": event.TOPIC,
            "key": event.key,
            "headers": headers_of(event, id_=new_id(), at=at, cause=current_cause()),
            "value": None if tombstone else event.model_dump_json(),
        },
    )


def record(
    topic: str, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]]
) -> Statement:
    """Stage a raw record, as for a dead-letter topic."""
    return Statement(
        _STAGE_RECORD,
        {
            "topic": topic,
            "key": key,
            "headers": pack(headers),
            "value": value,
        },
    )
