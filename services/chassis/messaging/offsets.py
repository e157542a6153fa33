"""Offsets are committed a few times a second: each commit costs Kafka a write, and us a wait.

What was applied is known by the marks; offsets only say where to begin to read again. After a crash
the records of the last moment are read a second time and found applied.
"""

import asyncio
from collections.abc import Sequence

import structlog
from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError

from services.chassis.messaging.faststream_consumer import GroupMember

log = structlog.get_logger(__name__)

COMMIT_SECONDS = 0.2
# For one commit: a member that leaves while Kafka is away must not wait for it.
LONGEST_SECONDS = 3.0


class Offsets:
    """The offsets of one membership that are not committed yet."""

    def __init__(self, member: GroupMember) -> None:
        self._member = member
        # The newest applied record of each topic and partition.
        self._applied: dict[tuple[str, int], ConsumerRecord] = {}
        self._waiting = asyncio.Event()

    def applied(self, records: Sequence[ConsumerRecord]) -> None:
        """Note what was applied; it is committed soon."""
        for record in records:
            self._applied[record.topic, record.partition] = record
        self._waiting.set()

    async def run(self) -> None:
        """Commit what waits, again and again, until cancelled."""
        while True:
            await self._waiting.wait()
            await self.commit()
            await asyncio.sleep(COMMIT_SECONDS)

    async def commit(self) -> None:
        """Commit what waits, now."""
        self._waiting.clear()
        applied, self._applied = self._applied, {}
        if not applied:
            return
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                await self._member.commit(list(applied.values()))
        except (KafkaError, TimeoutError) as fault:
            # The effects stand; read again, the records are found applied.
            log.warning("offsets_not_committed", fault=repr(fault))
        except asyncio.CancelledError:
            self._applied = applied | self._applied
            raise
