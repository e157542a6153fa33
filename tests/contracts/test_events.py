"""Every event: registered once, true to its schema, the same after a journey over the wire."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError

import contracts
from contracts import booking, policy
from contracts.envelope import decode
from contracts.event import ContractEvent
from contracts.generators.samples import samples
from contracts.published import published
from contracts.registry import EVENTS, EVENTS_BY_TOPIC, EVENTS_BY_TYPE
from contracts.topics import TOPICS

HOME = Path(contracts.__file__).parent
WITH_BODY = [event for event in EVENTS if not event.TOMBSTONE]
FORMATS = FormatChecker(["uuid"])


@FORMATS.checks("date-time", raises=ValueError)
def _is_instant(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


def fixture(event: type[ContractEvent]) -> dict[str, Any]:
    """Return the committed record of the event."""
    record: dict[str, Any] = json.loads((HOME / f"fixtures/{event.TYPE}.json").read_text("utf-8"))
    return record


def schema(event: type[ContractEvent]) -> dict[str, Any]:
    """Return the committed schema of the event."""
    path = HOME / f"schemas/{event.TOPIC}/{event.TYPE}.json"
    held: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return held


def validator(event: type[ContractEvent]) -> Draft202012Validator:
    """Return a validator of the committed schema of the event."""
    Draft202012Validator.check_schema(schema(event))
    return Draft202012Validator(schema(event), format_checker=FORMATS)


def wire(record: dict[str, Any]) -> tuple[bytes, bytes | None, list[tuple[str, bytes]]]:
    """Return key, value and headers as Kafka would carry them."""
    body = None if record["body"] is None else json.dumps(record["body"]).encode()
    headers = [(name, value.encode()) for name, value in record["headers"].items()]
    return record["key"].encode(), body, headers


@pytest.fixture(params=EVENTS, ids=lambda event: event.__name__)
def event(request: pytest.FixtureRequest) -> type[ContractEvent]:
    chosen: type[ContractEvent] = request.param
    return chosen


@pytest.fixture(params=WITH_BODY, ids=lambda event: event.__name__)
def event_with_body(request: pytest.FixtureRequest) -> type[ContractEvent]:
    chosen: type[ContractEvent] = request.param
    return chosen


def test_every_event_has_its_own_type_in_the_registry_and_a_sample() -> None:
    assert len(EVENTS_BY_TYPE) == len(EVENTS)
    assert {type(sample) for sample in samples()} == set(EVENTS)
    assert len(samples()) == len(EVENTS)


def test_every_event_that_declares_a_type_is_registered() -> None:
    def below(cls: type[ContractEvent]) -> Iterator[type[ContractEvent]]:
        for child in cls.__subclasses__():
            yield child
            yield from below(child)

    declared = {cls for cls in below(ContractEvent) if "TYPE" in vars(cls)}

    assert {cls for cls in declared if cls.__module__.startswith("contracts.")} == set(EVENTS)


def test_an_event_is_published_by_the_owner_of_its_topic(event: type[ContractEvent]) -> None:
    (topic,) = (topic for topic in TOPICS if topic.name == event.TOPIC)

    assert f"io.bookwith.{topic.publisher}.{event.__name__}.v1" == event.TYPE
    assert f"/bookwith/{topic.publisher}" == event.SOURCE
    assert event in EVENTS_BY_TOPIC[topic.name]


def test_the_address_of_a_schema_is_its_id_and_the_path_of_its_file(
    event: type[ContractEvent],
) -> None:
    assert schema(event)["$id"] == event.DATASCHEMA
    assert (HOME.parent / event.DATASCHEMA.removeprefix("bookwith:/")).is_file()


def test_key_and_subject_are_fields_and_only_what_holds_for_everybody_is_named(
    event: type[ContractEvent],
) -> None:
    fixed = {event.KEY, event.SUBJECT} - event.model_fields.keys()

    named = {
        policy.OrganizationPolicyChanged: {"organization"},
        policy.SharingPolicyChanged: {"organization"},
        policy.PolicyApplied: {"organization", "rollout"},
    }
    assert fixed == named.get(event, set())


def test_a_fixture_is_a_record_that_decodes(event: type[ContractEvent]) -> None:
    record = fixture(event)

    envelope, _ = decode(*wire(record))

    assert (envelope.type, envelope.source) == (event.TYPE, event.SOURCE)
    assert (event.DATASCHEMA, record["key"]) == (envelope.dataschema, envelope.partition_key)
    assert record["topic"] == event.TOPIC


def test_a_fixtures_headers_are_a_cloudevent_to_the_cloudevents_package(
    event: type[ContractEvent],
) -> None:
    key, value, headers = wire(fixture(event))

    read = from_binary_event(KafkaMessage(headers=dict(headers), key=key, value=value or b"null"))

    assert read.get_type() == event.TYPE


def test_a_fixture_is_true_to_its_schema(event: type[ContractEvent]) -> None:
    validator(event).validate(fixture(event)["body"])


def test_a_fixture_reads_and_writes_back_the_same(event_with_body: type[ContractEvent]) -> None:
    record = fixture(event_with_body)

    read = event_with_body.model_validate_json(json.dumps(record["body"]))

    assert json.loads(read.model_dump_json()) == record["body"]
    assert event_with_body.model_validate_json(read.model_dump_json()) == read
    assert (read.key, read.subject) == (record["key"], record["headers"]["ce_subject"])


def test_model_and_schema_refuse_the_same(event_with_body: type[ContractEvent]) -> None:
    checker, body = validator(event_with_body), fixture(event_with_body)["body"]
    verdicts = []
    for changed in _changed(body):
        try:
            event_with_body.model_validate_json(json.dumps(changed))
        except ValidationError:
            accepted = False
        else:
            accepted = True
        verdicts.append(accepted)
        assert accepted == checker.is_valid(changed), changed

    assert not all(verdicts)


def test_a_field_that_is_new_to_a_reader_is_ignored(event_with_body: type[ContractEvent]) -> None:
    body = fixture(event_with_body)["body"]

    read = event_with_body.model_validate_json(json.dumps(body | {"from_tomorrow": [1]}))

    assert json.loads(read.model_dump_json()) == body


def test_an_event_does_not_change(event_with_body: type[ContractEvent]) -> None:
    read = event_with_body.model_validate_json(json.dumps(fixture(event_with_body)["body"]))

    with pytest.raises(ValidationError, match="frozen"):
        setattr(read, next(iter(event_with_body.model_fields)), None)


def test_instants_are_written_in_utc_whatever_their_zone() -> None:
    sample = next(sample for sample in samples() if isinstance(sample, booking.LinkExpired))
    body = json.loads(sample.model_dump_json()) | {"expired_at": "2026-03-29T03:00:00+02:00"}

    read = booking.LinkExpired.model_validate_json(json.dumps(body))

    assert json.loads(read.model_dump_json())["expired_at"] == "2026-03-29T01:00:00Z"


def test_a_naive_instant_is_refused() -> None:
    sample = next(sample for sample in samples() if isinstance(sample, booking.LinkExpired))

    with pytest.raises(ValidationError):
        booking.LinkExpired(**{**dict(sample), "expired_at": datetime(2026, 3, 29)})  # noqa: DTZ001


def test_only_the_attendees_topic_has_room_for_their_personal_data() -> None:
    personal = {"name", "answers", "change_reason", "attendee_name", "attendee_email", "phone"}
    (restricted,) = (topic.name for topic in TOPICS if topic.personal_data)
    elsewhere = [event for event in EVENTS if restricted != event.TOPIC]

    assert restricted == booking.AttendeeRecorded.TOPIC
    for event in elsewhere:
        assert not personal & event.model_fields.keys(), event


def test_every_published_fixture_still_reads_and_is_true_to_todays_schema() -> None:
    records = list(published("fixtures"))

    assert records
    for _, type_, record in records:
        event = EVENTS_BY_TYPE[type_]
        validator(event).validate(record["body"])
        decode(*wire(record))
        if not event.TOMBSTONE:
            event.model_validate_json(json.dumps(record["body"]))


def _changed(body: Any) -> Iterator[Any]:
    """Yield the body with each part, however deep, left out or replaced by what it is not."""
    if isinstance(body, dict):
        for name, part in body.items():
            yield {other: held for other, held in body.items() if other != name}
            for changed in _changed(part):
                yield body | {name: changed}
    elif isinstance(body, list):
        for place, part in enumerate(body):
            yield body[:place] + body[place + 1 :]
            for changed in _changed(part):
                yield [*body[:place], changed, *body[place + 1 :]]
    yield from (None, True, 7, 7.5, "somebody", [], {}, [[]], "2026-03-29T01:00:00")
