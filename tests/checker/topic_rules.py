"""Rules on the topics against the store: I4, I5, I6, I20."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from tests.checker.evidence import Evidence, Stored, Violation
from tests.e2e.topics import Record

# What an outbox that is read again after a crash may bring a second time.
RELAY_BATCH = 500
TOPIC_OF = {"booking": "booking.events.v1", "policy": "policy.events.v1"}
PUBLISHER = {
    "booking.events.v1": "booking",
    "booking.attendees.v1": "booking",
    "availability.events.v1": "availability",
    "notifier.events.v1": "notifier",
    "policy.events.v1": "policy",
}

Key = tuple[str, str]


def published(evidence: Evidence) -> list[Record]:
    """Return the records without those that were put there on purpose."""
    bad = {(each.topic, each.partition, each.offset) for each in evidence.poisons}
    return [
        each for each in evidence.records if (each.topic, each.partition, each.offset) not in bad
    ]


def store_is_topic(evidence: Evidence) -> Iterator[Violation]:
    """I4: each stored event is on its topic, and nothing else is."""
    by_id: dict[str, Record] = {each.id: each for each in published(evidence)}
    stored = {each.id: each for each in evidence.stored}
    for event in evidence.stored:
        record = by_id.get(event.id)
        if record is None:
            yield Violation("I4", "a stored event is not on its topic", (event,))
        elif difference := _difference(event, record):
            yield Violation("I4", f"{difference} differs from the store", (event, record))
    for record in by_id.values():
        if record.topic in TOPIC_OF.values() and record.id not in stored:
            yield Violation("I4", "a record that no stored event explains", (record,))
    yield from _all_sequences_published(evidence)
    yield from _one_verdict_each(evidence, by_id)


def _difference(event: Stored, record: Record) -> str:
    pairs = {
        "topic": (TOPIC_OF[event.service], record.topic),
        "type": (event.type, record.name),
        "key": (event.key, record.key),
        "partition key": (event.key, record.headers.get("ce_partitionkey")),
        "subject": (event.subject, record.subject),
        "sequence": (str(event.sequence), record.headers.get("ce_sequence")),
    }
    return ", ".join(name for name, (wanted, found) in pairs.items() if wanted != found)


def _all_sequences_published(evidence: Evidence) -> Iterator[Violation]:
    """Messages that are no stored events: each sequence that was last_sequences is there."""
    found: dict[Key, set[int]] = defaultdict(set)
    for record in published(evidence):
        found[record.topic, record.key or ""].add(record.sequence)
    for place, last in evidence.last_sequences.items():
        missing = set(range(1, last + 1)) - found[place]
        if missing or len(found[place]) > last:
            words = f"{place} has last_sequences {last} sequences; {sorted(missing)} are missing"
            yield Violation("I4", words, tuple(sorted(found[place])))


def _one_verdict_each(evidence: Evidence, by_id: Mapping[str, Record]) -> Iterator[Violation]:
    verdicts: dict[str, list[Record]] = defaultdict(list)
    for record in by_id.values():
        if record.topic == "availability.events.v1":
            verdicts[record.headers.get("ce_causationid", "")].append(record)
    for event in evidence.stored:
        if event.type == "SlotReserved":
            answers = verdicts.pop(event.id, [])
            if len(answers) != 1:
                words = f"a reservation has {len(answers)} verdicts"
                yield Violation("I4", words, (event, *answers))
    for answers in verdicts.values():
        yield Violation("I4", "a verdict on no reservation", tuple(answers))


def order_of_commits(evidence: Evidence) -> Iterator[Violation]:
    """I5: the events of a key lie on one partition, each for the first time in its turn."""
    partitions: dict[Key, set[int]] = defaultdict(set)
    last: dict[Key, int] = defaultdict(int)
    for record in published(evidence):
        place = record.topic, record.key or ""
        partitions[place].add(record.partition)
        if record.sequence > last[place] + 1:
            words = f"{place} goes from {last[place]} to {record.sequence}"
            yield Violation("I5", words, (record,))
        last[place] = max(last[place], record.sequence)
    for place, found in partitions.items():
        if len(found) > 1:
            yield Violation("I5", f"{place} is on {len(found)} partitions", tuple(sorted(found)))


def duplicates_are_bounded(evidence: Evidence) -> Iterator[Violation]:
    """I6: a record that is there twice is the same, and only crashes bring such ones."""
    first: dict[tuple[str, str], Record] = {}
    again: Counter[str] = Counter()
    for record in published(evidence):
        known = first.setdefault((record.topic, record.id), record)
        if known is record:
            continue
        again[PUBLISHER[record.topic]] += 1
        if (known.key, known.value, known.headers) != (record.key, record.value, record.headers):
            yield Violation("I6", "two records of one event differ", (known, record))
    shared = evidence.restarts.get("kafka", 0) + evidence.restarts.get("postgres", 0)
    for service, count in again.items():
        crashes = evidence.restarts.get(service, 0) + shared
        if count > crashes * RELAY_BATCH:
            words = f"{service} published {count} records again after {crashes} crashes"
            yield Violation("I6", words)


def poison_is_parked(evidence: Evidence) -> Iterator[Violation]:
    """I20: each bad record is in each reader's dead-letter topic, and nothing else is."""
    parked: Counter[tuple[str, str, str, str]] = Counter()
    for record in evidence.dead_letters:
        group = record.topic.removesuffix(".dlt").rpartition(".")[2]
        topic, partition, offset = (record.headers.get(f"dlt_{name}", "") for name in _PLACE)
        place = group, topic, partition, offset
        parked[place] += 1
        if not record.headers.get("dlt_reason"):
            yield Violation("I20", "a dead letter without a reason", (record,))
    wanted = {
        (group, each.topic, str(each.partition), str(each.offset)): each
        for each in evidence.poisons
        for group in each.groups
    }
    for place, poison in wanted.items():
        crashes = evidence.restarts.get(place[0], 0) + evidence.restarts.get("kafka", 0)
        if not 1 <= parked[place] <= 1 + crashes:
            yield Violation("I20", f"a bad record was parked {parked[place]} times", (poison,))
    for place in parked.keys() - wanted.keys():
        yield Violation("I20", "a good record was parked", (place,))


_PLACE = ("topic", "partition", "offset")
