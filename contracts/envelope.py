"""The CloudEvents 1.0 envelope around every event, to and from Kafka records."""

import json
import re
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

JSON = b"application/json"
STRUCTURED = b"application/cloudevents+json"

Headers = Iterable[tuple[str, bytes]] | None


class NotACloudEvent(ValueError):
    """A record that the contract does not cover; the reason never quotes what the record holds."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is said about an event: CloudEvents attributes, our extensions, W3C trace context.

    CloudEvents leaves `subject` and `time` to the publisher; in this contract every event has both.
    """

    id: str
    type: str
    source: str
    subject: str
    time: datetime
    dataschema: str | None = None
    partition_key: str | None = None
    sequence: int | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    traceparent: str | None = None

    def to_headers(self) -> list[tuple[str, bytes]]:
        """Return the headers of a record in binary mode; what is None is left out."""
        instant = self.time.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
        sequence = None if self.sequence is None else str(self.sequence)
        pairs = (
            ("ce_id", self.id),
            ("ce_specversion", "1.0"),
            ("ce_type", self.type),
            ("ce_source", self.source),
            ("ce_subject", self.subject),
            ("ce_time", instant),
            ("ce_dataschema", self.dataschema),
            ("ce_partitionkey", self.partition_key),
            ("ce_sequence", sequence),
            ("ce_correlationid", self.correlation_id),
            ("ce_causationid", self.causation_id),
            ("traceparent", self.traceparent),
            ("content-type", "application/json"),
        )
        return [(name, text.encode()) for name, text in pairs if text is not None]


def decode(key: bytes | None, value: bytes | None, headers: Headers) -> tuple[Envelope, bytes]:
    """Return a record's envelope and body, from binary or structured mode; a tombstone's is empty.

    Raises:
        NotACloudEvent: the record is no CloudEvent, or not one that this contract covers.
    """
    held = dict(headers or ())  # confluent-kafka gives None for none
    content_type = held.get("content-type")
    if content_type is not None and content_type != JSON:
        media_type = _media_type(content_type)
        if media_type == STRUCTURED:
            return _structured(key, value)
        if media_type != JSON:
            raise NotACloudEvent("its content-type is not JSON")
    return _binary(key, held), value or b""


def _media_type(content_type: bytes) -> bytes:
    return content_type.split(b";", 1)[0].strip().lower()


def _binary(key: bytes | None, held: Mapping[str, bytes]) -> Envelope:
    get = held.get
    try:
        if held["ce_specversion"] != b"1.0":
            raise NotACloudEvent("its ce_specversion is not 1.0")
        sequence = get("ce_sequence")
        return Envelope(
            _text(held["ce_id"].decode()),
            _text(held["ce_type"].decode()),
            _text(held["ce_source"].decode()),
            _text(held["ce_subject"].decode()),
            _instant(held["ce_time"].decode()),
            _optional(get("ce_dataschema")),
            _partition_key(key, get("ce_partitionkey")),
            None if sequence is None else _sequence(sequence),
            _optional(get("ce_correlationid")),
            _optional(get("ce_causationid")),
            _optional(get("traceparent")),
        )
    except KeyError as missing:
        raise NotACloudEvent(f"it has no {missing.args[0]}") from None
    except UnicodeDecodeError:
        raise NotACloudEvent("one of its headers is not UTF-8") from None
    except AttributeError:  # Kafka lets a header's value be null
        raise NotACloudEvent("one of its headers has no value") from None


def _structured(key: bytes | None, value: bytes | None) -> tuple[Envelope, bytes]:
    try:
        document = json.loads(value or b"")
    except (ValueError, RecursionError):
        raise NotACloudEvent("its structured body is not JSON") from None
    if not isinstance(document, dict):
        raise NotACloudEvent("its structured body is not an object")
    held = {
        _HEADERS[name]: _as_header(attribute)
        for name, attribute in document.items()
        if name in _HEADERS and attribute is not None
    }
    held_type = held.get("datacontenttype", JSON)
    if _media_type(held_type) != JSON:
        raise NotACloudEvent("its datacontenttype is not JSON")
    return _binary(key, held), _data(document)


def _data(document: Mapping[str, Any]) -> bytes:
    if "data_base64" in document:
        try:
            return b64decode(document["data_base64"], validate=True)
        except (ValueError, TypeError):
            raise NotACloudEvent("its data_base64 is not base64") from None
    data = document.get("data")
    return b"" if data is None else json.dumps(data, separators=(",", ":")).encode()


def _as_header(attribute: object) -> bytes:
    # The sequence is a string by CloudEvents' own extension; some publishers write a number.
    if isinstance(attribute, int) and not isinstance(attribute, bool):
        return str(attribute).encode()
    if not isinstance(attribute, str):
        raise NotACloudEvent("one of its attributes is not a string")
    return attribute.encode(errors="surrogatepass")


_HEADERS = {
    **{
        name: f"ce_{name}"
        for name in (
            "id",
            "specversion",
            "type",
            "source",
            "subject",
            "time",
            "dataschema",
            "partitionkey",
            "sequence",
            "correlationid",
            "causationid",
        )
    },
    "traceparent": "traceparent",
    "datacontenttype": "datacontenttype",
}
# What CloudEvents forbids in a string. It matters: PostgreSQL, for one, cannot store U+0000.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def _text(text: str) -> str:
    if not text.isprintable() and _FORBIDDEN.search(text):
        raise NotACloudEvent("one of its attributes holds a control character")
    if not text:
        raise NotACloudEvent("one of its attributes is empty")
    return text


def _optional(held: bytes | None) -> str | None:
    return None if held is None else _text(held.decode())


def _partition_key(key: bytes | None, held: bytes | None) -> str | None:
    if held is None:
        held = key
    elif key is not None and key != held:
        raise NotACloudEvent("its ce_partitionkey is not its key")
    return _optional(held)


def _sequence(held: bytes) -> int:
    # Nineteen digits are more than a 64-bit integer holds; nobody counts that far.
    if held.isdigit() and len(held) < 19 and (sequence := int(held)) > 0:
        return sequence
    raise NotACloudEvent("its ce_sequence is not a whole number from 1")


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is UTC:
            return instant
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise NotACloudEvent("its ce_time is not an RFC 3339 instant")
