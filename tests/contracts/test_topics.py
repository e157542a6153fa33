"""Topics: names, partitions, retention, rights, and a dead-letter topic for each reader."""

import json
from pathlib import Path

import contracts
from contracts.topics import ALL_TOPICS, DEAD_LETTER_TOPICS, TOPICS, dead_letter_topic

HOUR_MS = 60 * 60 * 1000


def test_the_topics_are_those_of_the_interface() -> None:
    assert [topic.name for topic in TOPICS] == [
        "booking.events.v1",
        "booking.attendees.v1",
        "availability.events.v1",
        "notifier.events.v1",
        "policy.events.v1",
    ]
    assert {topic.partitions for topic in TOPICS} == {12}


def test_every_pair_of_topic_and_group_has_a_dead_letter_topic() -> None:
    assert [topic.name for topic in DEAD_LETTER_TOPICS] == [
        "booking.events.v1.availability.dlt",
        "booking.events.v1.notifier.dlt",
        "booking.events.v1.policy.dlt",
        "booking.attendees.v1.notifier.dlt",
        "availability.events.v1.booking.dlt",
        "notifier.events.v1.booking.dlt",
        "policy.events.v1.booking.dlt",
    ]
    assert dead_letter_topic("a.v1", "b") == "a.v1.b.dlt"


def test_only_the_attendees_are_compacted_and_what_was_erased_goes_within_a_day() -> None:
    compacted, dead_letters = (topic for topic in ALL_TOPICS if topic.compacted)

    assert compacted.name == "booking.attendees.v1"
    assert compacted.config()["cleanup.policy"] == "compact"
    assert dead_letters.name == "booking.attendees.v1.notifier.dlt"
    assert dead_letters.config()["cleanup.policy"] == "compact,delete"
    for topic in (compacted, dead_letters):
        assert 0 < int(topic.config()["max.compaction.lag.ms"]) <= 24 * HOUR_MS


def test_dead_letters_of_attendees_made_by_an_earlier_version_are_no_difference() -> None:
    letters = next(topic for topic in DEAD_LETTER_TOPICS if topic.compacted)
    before = {"cleanup.policy": "delete", "retention.ms": str(7 * 24 * HOUR_MS)}

    assert letters.differences(1, {**letters.config(), **before}) == []
    assert letters.differences(1, {**before, "retention.ms": "-1"}) != []


def test_events_are_kept_for_ever_and_dead_letters_are_not() -> None:
    kept = {topic.config()["retention.ms"] for topic in TOPICS if not topic.compacted}
    parked = [int(topic.config()["retention.ms"]) for topic in DEAD_LETTER_TOPICS]

    assert kept == {"-1"}
    assert all(0 < retention <= 30 * 24 * HOUR_MS for retention in parked)


def test_a_dead_letter_topic_is_as_personal_as_what_it_holds() -> None:
    personal = {topic.name for topic in ALL_TOPICS if topic.personal_data}

    assert personal == {"booking.attendees.v1", "booking.attendees.v1.notifier.dlt"}


def test_each_difference_of_a_topic_is_named_and_a_larger_record_is_none() -> None:
    events = next(topic for topic in TOPICS if not topic.compacted)
    letters = DEAD_LETTER_TOPICS[0]
    same = letters.config()

    assert events.differences(12, events.config()) == []
    assert events.differences(12, {}) == []  # settings that may not be read
    assert events.differences(1, {"cleanup.policy": "compact", "retention.ms": "604800000"}) == [
        f"{events.name} has 1 partitions, not 12",
        f"{events.name} has cleanup.policy=compact, not delete",
        f"{events.name} has retention.ms=604800000, not -1",
    ]
    assert letters.differences(1, {**same, "max.message.bytes": "9999999"}) == []
    assert letters.differences(1, {**same, "max.message.bytes": "1048588"}) == [
        f"{letters.name} has max.message.bytes=1048588, not 2097152"
    ]


def test_the_manifest_names_every_topic_with_its_writer_and_readers() -> None:
    text = (Path(contracts.__file__).parent / "topics.json").read_text("utf-8")
    held = {topic["name"]: topic for topic in json.loads(text)["topics"]}

    assert list(held) == [topic.name for topic in ALL_TOPICS]
    assert held["booking.attendees.v1"]["write"] == ["booking"]
    assert held["booking.attendees.v1"]["read"] == ["notifier"]
    assert held["policy.events.v1.booking.dlt"]["write"] == ["booking"]
    assert held["policy.events.v1.booking.dlt"]["read"] == []
