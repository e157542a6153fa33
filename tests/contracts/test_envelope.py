"""The envelope: out and in again, both modes, and everything that is refused."""

import base64
import json
from contextlib import suppress
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cloudevents.core.bindings.kafka import (
    KafkaMessage,
    from_binary_event,
    to_binary_event,
    to_structured_event,
)
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from contracts.envelope import Envelope, NotACloudEvent, decode

ENVELOPE = Envelope(
    id="01960000-0000-7000-8000-000000000101",
    type="io.bookwith.booking.SlotReserved.v1",
    source="/bookwith/booking",
    subject="01960000-0000-7000-8000-000000000003",
    time=datetime(2026, 3, 29, 0, 59, 59, 120, tzinfo=UTC),
    dataschema="bookwith:/contracts/schemas/x.json",
    partition_key="anna",
    sequence=7,
    correlation_id="01960000-0000-7000-8000-000000000100",
    causation_id="01960000-0000-7000-8000-000000000099",
    traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
)
KEY, BODY = b"anna", b'{"a": "\xc3\xb8"}'
STRUCTURED = [("content-type", b"application/cloudevents+json; charset=utf-8")]


def structured(**changes: object) -> bytes:
    """Return a structured-mode document; what is changed to None is left out."""
    document = {
        "specversion": "1.0",
        "id": ENVELOPE.id,
        "type": ENVELOPE.type,
        "source": ENVELOPE.source,
        "subject": ENVELOPE.subject,
        "time": "2026-03-29T00:59:59.000120Z",
        "dataschema": ENVELOPE.dataschema,
        "partitionkey": "anna",
        "sequence": "7",
        "correlationid": ENVELOPE.correlation_id,
        "causationid": ENVELOPE.causation_id,
        "traceparent": ENVELOPE.traceparent,
        "datacontenttype": "application/json",
        "data": {"a": "ø"},
    } | changes
    return json.dumps({name: held for name, held in document.items() if held is not None}).encode()


def headers(**changes: bytes | None) -> list[tuple[str, bytes]]:
    """Return good headers with some changed, or left out where the change is None."""
    held = dict(ENVELOPE.to_headers()) | changes
    return [(name, value) for name, value in held.items() if value is not None]


def test_an_envelope_comes_back_from_its_headers() -> None:
    assert decode(KEY, BODY, ENVELOPE.to_headers()) == (ENVELOPE, BODY)


def test_an_envelope_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        ENVELOPE.sequence = 8  # type: ignore[misc]  # the point of the test


def test_the_headers_are_those_of_the_interface() -> None:
    assert [name for name, _ in ENVELOPE.to_headers()] == [
        "ce_id",
        "ce_specversion",
        "ce_type",
        "ce_source",
        "ce_subject",
        "ce_time",
        "ce_dataschema",
        "ce_partitionkey",
        "ce_sequence",
        "ce_correlationid",
        "ce_causationid",
        "traceparent",
        "content-type",
    ]


def test_what_is_not_known_is_left_out_of_the_headers() -> None:
    bare = replace(ENVELOPE, sequence=None, traceparent=None)
    names = {name for name, _ in bare.to_headers()}

    assert not names & {"ce_sequence", "traceparent"}
    assert (bare, BODY) == decode(KEY, BODY, bare.to_headers())


def test_time_is_written_in_utc_with_z_whatever_its_zone() -> None:
    summer = ENVELOPE.time.astimezone(timezone(timedelta(hours=2)))

    assert (
        dict(replace(ENVELOPE, time=summer).to_headers())["ce_time"]
        == b"2026-03-29T00:59:59.000120Z"
    )


def test_time_is_read_into_utc_whatever_its_offset() -> None:
    envelope, _ = decode(KEY, BODY, headers(ce_time=b"2026-03-29T02:59:59.000120+02:00"))

    assert ENVELOPE.time == envelope.time
    assert envelope.time.tzinfo is UTC


def test_a_tombstone_has_an_envelope_and_an_empty_body() -> None:
    assert decode(KEY, None, ENVELOPE.to_headers()) == (ENVELOPE, b"")


def test_headers_that_are_none_of_ours_do_no_harm() -> None:
    assert decode(KEY, BODY, [*ENVELOPE.to_headers(), ("x-blob", b"\xff\x00")]) == (ENVELOPE, BODY)


def test_the_partition_key_is_the_records_key_where_no_header_names_it() -> None:
    envelope, _ = decode(KEY, BODY, headers(ce_partitionkey=None))

    assert envelope.partition_key == "anna"


def test_structured_mode_says_the_same_as_binary_mode() -> None:
    envelope, body = decode(KEY, structured(), STRUCTURED)

    assert envelope == ENVELOPE
    assert json.loads(BODY) == json.loads(body)


def test_structured_mode_takes_base64_data_and_a_number_as_sequence() -> None:
    document = structured(sequence=7, data=None, data_base64=base64.b64encode(BODY).decode())

    assert decode(KEY, document, STRUCTURED) == (ENVELOPE, BODY)


def test_structured_mode_without_data_has_an_empty_body() -> None:
    assert decode(KEY, structured(data=None), STRUCTURED)[1] == b""


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ce_id": None}, "it has no ce_id"),
        ({"ce_specversion": None}, "it has no ce_specversion"),
        ({"ce_type": None}, "it has no ce_type"),
        ({"ce_source": None}, "it has no ce_source"),
        ({"ce_subject": None}, "it has no ce_subject"),
        ({"ce_time": None}, "it has no ce_time"),
        ({"ce_specversion": b"0.3"}, "its ce_specversion is not 1.0"),
        ({"ce_id": b""}, "one of its attributes is empty"),
        ({"ce_id": b"\xff"}, "one of its headers is not UTF-8"),
        ({"ce_subject": b"a\x00b"}, "one of its attributes holds a control character"),
        ({"ce_causationid": b"a\nb"}, "one of its attributes holds a control character"),
        ({"ce_time": b"2026-03-29T00:59:59"}, "its ce_time is not an RFC 3339 instant"),
        ({"ce_time": b"yesterday"}, "its ce_time is not an RFC 3339 instant"),
        ({"ce_time": b"0001-01-01T00:00:00+14:00"}, "its ce_time is not an RFC 3339 instant"),
        ({"ce_sequence": b"0"}, "its ce_sequence is not a whole number from 1"),
        ({"ce_sequence": b"-1"}, "its ce_sequence is not a whole number from 1"),
        ({"ce_sequence": b"1_0"}, "its ce_sequence is not a whole number from 1"),
        ({"ce_sequence": b"9" * 19}, "its ce_sequence is not a whole number from 1"),
        ({"ce_partitionkey": b"bo"}, "its ce_partitionkey is not its key"),
        ({"content-type": b"text/plain"}, "its content-type is not JSON"),
        ({"content-type": b"application/cloudevents-batch+json"}, "its content-type is not JSON"),
    ],
)
def test_a_bad_header_is_refused_with_its_reason(
    changes: dict[str, bytes | None], reason: str
) -> None:
    with pytest.raises(NotACloudEvent) as refused:
        decode(KEY, BODY, headers(**changes))

    assert reason == refused.value.reason == str(refused.value)


def test_a_header_without_a_value_is_refused() -> None:
    held = [*headers(ce_id=None), ("ce_id", None)]

    with pytest.raises(NotACloudEvent, match="has no value"):
        decode(KEY, BODY, held)  # type: ignore[arg-type]  # what Kafka clients really give


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "its structured body is not JSON"),
        (b"", "its structured body is not JSON"),
        (b"\xff", "its structured body is not JSON"),
        (b"[" * 200_000, "its structured body is not JSON"),
        (b"[]", "its structured body is not an object"),
        (structured(id=None), "it has no ce_id"),
        (structured(id=7.5), "one of its attributes is not a string"),
        (structured(sequence=True), "one of its attributes is not a string"),
        (structured(id="a\ud800"), "one of its headers is not UTF-8"),
        (structured(datacontenttype="text/xml"), "its datacontenttype is not JSON"),
        (structured(data=None, data_base64="%"), "its data_base64 is not base64"),
        (structured(data=None, data_base64=7), "its data_base64 is not base64"),
    ],
)
def test_a_bad_structured_record_is_refused_with_its_reason(value: bytes, reason: str) -> None:
    with pytest.raises(NotACloudEvent) as refused:
        decode(KEY, value, STRUCTURED)

    assert reason == refused.value.reason


@pytest.mark.parametrize("nothing", [None, [], ()])
def test_a_record_without_headers_is_refused(nothing: list[tuple[str, bytes]] | None) -> None:
    with pytest.raises(NotACloudEvent, match="it has no ce_specversion"):
        decode(None, b"hello", nothing)


_NAMES = st.sampled_from([name for name, _ in ENVELOPE.to_headers()]) | st.text(max_size=5)


@given(
    st.none() | st.binary(max_size=8),
    st.none() | st.binary(max_size=40),
    st.lists(st.tuples(_NAMES, st.binary(max_size=30))),
    st.booleans(),
)
def test_garbage_is_refused_with_the_one_error_and_never_another(
    key: bytes | None, value: bytes | None, noise: list[tuple[str, bytes]], mostly_good: bool
) -> None:
    held = [*ENVELOPE.to_headers(), *noise] if mostly_good else noise

    with suppress(NotACloudEvent):
        envelope, _ = decode(key, value, held)

        # What was accepted can be written and says the same again.
        assert envelope == decode(None, b"", envelope.to_headers())[0]


def test_the_cloudevents_package_reads_our_headers() -> None:
    record = KafkaMessage(headers=dict(ENVELOPE.to_headers()), key=KEY, value=b'{"a": 1}')

    event = from_binary_event(record)

    assert (ENVELOPE.id, ENVELOPE.type) == (event.get_id(), event.get_type())
    assert (ENVELOPE.source, ENVELOPE.subject) == (event.get_source(), event.get_subject())
    assert (ENVELOPE.time, ENVELOPE.dataschema) == (event.get_time(), event.get_dataschema())
    assert (event.get_extension("sequence"), event.get_extension("partitionkey")) == ("7", "anna")
    assert event.get_data() == {"a": 1}


@pytest.mark.parametrize("write", [to_binary_event, to_structured_event])
def test_we_read_what_the_cloudevents_package_writes(write: object) -> None:
    event = CloudEvent(
        attributes={
            "specversion": "1.0",
            "id": ENVELOPE.id,
            "type": ENVELOPE.type,
            "source": ENVELOPE.source,
            "subject": ENVELOPE.subject,
            "time": ENVELOPE.time,
            "dataschema": ENVELOPE.dataschema,
            "datacontenttype": "application/json",
            "partitionkey": "anna",
            "sequence": "7",
            "correlationid": ENVELOPE.correlation_id,
            "causationid": ENVELOPE.causation_id,
        },
        data={"a": "ø"},
    )

    record = write(event)  # type: ignore[operator]  # both take an event
    key = record.key.encode() if isinstance(record.key, str) else record.key
    envelope, body = decode(key, record.value, list(record.headers.items()))

    assert replace(ENVELOPE, traceparent=None) == envelope
    assert json.loads(body) == {"a": "ø"}
