"""How a group gets on: what waits, since when nothing moved, and in words why it does not go on."""

import time
from collections.abc import Iterable, Mapping
from typing import NamedTuple

# Longer than a batch takes, and than waiting out what passes within the guarantees.
STILL_SECONDS = 30.0


class Lag(NamedTuple):
    """How many records of a topic are not yet applied, and for how long."""

    records: int
    seconds: float


class Progress:
    """When each topic last got on, and what was met last by a group that is not joined."""

    def __init__(self, topics: Iterable[str]) -> None:
        now = time.monotonic()
        self._moved_at = dict.fromkeys(topics, now)
        self._not_joined_since = now
        self._fault = ""
        self._waits_for = ""

    def applied(self, topic: str) -> None:
        """Note that records of the topic were applied."""
        self._moved_at[topic] = time.monotonic()
        self._fault = self._waits_for = ""

    def looked(self, waiting: Mapping[str, int]) -> None:
        """Note what waits while the group is joined: where nothing does, nothing is overdue."""
        now = self._not_joined_since = time.monotonic()
        self._moved_at.update({topic: now for topic, count in waiting.items() if not count})

    def met(self, fault: BaseException) -> None:
        """Note why the group was left, or could not be joined."""
        self._fault = type(fault).__name__

    def waits_for(self, fault: BaseException) -> None:
        """Note what keeps a batch from being applied."""
        self._waits_for = type(fault).__name__

    def still_seconds(self, topic: str) -> float:
        """Return for how long nothing moved although something waits, or none can tell."""
        return time.monotonic() - self._moved_at[topic]

    def why_not_joined(self) -> str:
        """Say why the group is not joined, and for how long."""
        seconds = time.monotonic() - self._not_joined_since
        because = f" after {self._fault}" if self._fault else ""
        return f"the consumer group is not joined{because}, for {seconds:.0f} s"

    def overdue(self, waiting: Mapping[str, int]) -> str | None:
        """Name the topics of which records wait and none was applied for long; None if none."""
        late = [
            f"{topic}: {count} wait, none was applied for {self.still_seconds(topic):.0f} s"
            for topic, count in waiting.items()
            if count and self.still_seconds(topic) > STILL_SECONDS
        ]
        because = f" ({self._waits_for})" if self._waits_for else ""
        return "; ".join(late) + because if late else None
