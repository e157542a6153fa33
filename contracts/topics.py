"""The topics: who writes and who reads them, how they are keyed and how long they keep records."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

MIB = 1024 * 1024
DAY_MS = 24 * 60 * 60 * 1000
BOTH_POLICIES = "compact,delete"


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. Replication is the deployment's choice, all else is part of the contract."""

    name: str
    publisher: str
    """The service that writes it; of a dead-letter topic, the consumer group that parks in it."""
    key: str
    summary: str
    subscribers: tuple[str, ...] = ()
    """The consumer groups of our own services; others read without being listed."""
    partitions: int = 12
    compacted: bool = False
    retention_ms: int = -1
    """How long records are kept; -1 for ever: a subscriber may replay the whole history."""
    largest_record: int | None = None
    """The size of the largest record in bytes; None for the broker's own limit."""
    personal_data: bool = False
    """Whether records carry personal data, so that reading needs a right of its own."""

    def config(self) -> dict[str, str]:
        """Return the topic's settings in Kafka's own names."""
        sizes = {"max.message.bytes": str(self.largest_record)} if self.largest_record else {}
        if not self.compacted:
            kept = {"cleanup.policy": "delete", "retention.ms": str(self.retention_ms)}
            return {**kept, **sizes}
        compacted = {
            **sizes,
            "cleanup.policy": "compact",
            # Whatever a tombstone erases is gone from the log at most a day later.
            "max.compaction.lag.ms": str(DAY_MS),
            # A subscriber that was away for less than a week still sees the tombstone.
            "delete.retention.ms": str(7 * DAY_MS),
        }
        if self.retention_ms < 0:
            return compacted
        kept_for = {"cleanup.policy": BOTH_POLICIES, "retention.ms": str(self.retention_ms)}
        return {**compacted, **kept_for}

    def differences(self, partitions: int, config: Mapping[str, str]) -> list[str]:
        """Say in one sentence each what a topic of this name has that is not as said here.

        What the settings do not tell is not compared. A larger record than need be does no harm.
        """
        found = []
        # Made before its tombstones could erase anything: its retention does, some days later.
        until_then = config.get("cleanup.policy") == "delete" and self.retention_ms >= 0
        if partitions != self.partitions:
            found.append(f"{self.name} has {partitions} partitions, not {self.partitions}")
        for name, wanted in self.config().items():
            held = config.get(name, wanted)
            if until_then and self.compacted and name != "retention.ms":
                continue
            fits = int(held) >= int(wanted) if name == "max.message.bytes" else held == wanted
            if not fits:
                found.append(f"{self.name} has {name}={held}, not {wanted}")
        return found


BOOKING_EVENTS = "booking.events.v1"
BOOKING_ATTENDEES = "booking.attendees.v1"
AVAILABILITY_EVENTS = "availability.events.v1"
NOTIFIER_EVENTS = "notifier.events.v1"
POLICY_EVENTS = "policy.events.v1"

TOPICS: tuple[Topic, ...] = (
    Topic(
        BOOKING_EVENTS,
        publisher="booking",
        key="organizer id",
        summary="All that happens to pages, meeting types, private links and bookings.",
        subscribers=("availability", "notifier", "policy"),
    ),
    Topic(
        BOOKING_ATTENDEES,
        publisher="booking",
        key="attendee id",
        summary="Who the attendee of a booking is; a tombstone when the person is erased.",
        subscribers=("notifier",),
        compacted=True,
        personal_data=True,
    ),
    Topic(
        AVAILABILITY_EVENTS,
        publisher="availability",
        key="organizer id",
        summary="Verdicts on reserved slots; what happens to connected calendars.",
        subscribers=("booking",),
    ),
    Topic(
        NOTIFIER_EVENTS,
        publisher="notifier",
        key="organizer id",
        summary="What became of each mail; receipts of what was erased.",
        subscribers=("booking",),
    ),
    Topic(
        POLICY_EVENTS,
        publisher="policy",
        key="user id, or `organization`",
        summary="The administrators' settings, and who may use the product because of them.",
        subscribers=("booking",),
    ),
)


def dead_letter_topic(topic: str, group: str) -> str:
    """Return the name of the topic where the group leaves what it cannot process."""
    return f"{topic}.{group}.dlt"


def _dead_letters() -> Iterator[Topic]:
    for topic in TOPICS:
        for group in topic.subscribers:
            yield Topic(
                dead_letter_topic(topic.name, group),
                publisher=group,
                key="the record's own",
                summary=f"Records of {topic.name} that {group} cannot process, with the reason.",
                partitions=1,
                # Compaction would lose all but the last of what waits behind a bad record. Where
                # the topic itself is compacted the last is all that is needed, and can be erased.
                compacted=topic.compacted,
                # A record of the broker's limit still fits with the reason in its headers.
                largest_record=2 * MIB,
                retention_ms=(7 if topic.personal_data else 30) * DAY_MS,
                personal_data=topic.personal_data,
            )


DEAD_LETTER_TOPICS: tuple[Topic, ...] = tuple(_dead_letters())
ALL_TOPICS: tuple[Topic, ...] = (*TOPICS, *DEAD_LETTER_TOPICS)
