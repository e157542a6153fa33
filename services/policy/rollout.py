"""The run over all users behind a change of the policy for everybody: batches with a cursor.

A batch is a timer of its own, whose key holds the cursor: it is fired by whichever process comes
first, done again when it fails, and there after a restart. Nothing is locked but the users of a
batch whose access changes.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.topics import POLICY_EVENTS
from services.chassis.events.many_keys import ChangeOfKey, append_to_many_keys
from services.chassis.events.timers import schedule
from services.chassis.postgres.database import Connection, Statement, enqueue_all
from services.chassis.runtime.cause import Cause, caused_by
from services.policy.domain.access import effective
from services.policy.domain.rollout import FinishRollout
from services.policy.domain.user import DecideAccess
from services.policy.queries import KnownUser, cause_of, users_after
from services.policy.store import (
    ORGANIZATION,
    ROLLOUT,
    USER,
    OrganizationAggregate,
    hold_policy,
    store,
)

KIND = "rollout"
BATCH = 500
_FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Place:
    """How far the run of a version has come: every user up to the cursor is decided."""

    version: int
    cursor: UUID = _FIRST

    @classmethod
    def parse(cls, key: str) -> "Place":
        version, _, cursor = key.partition(":")
        return cls(int(version), UUID(cursor))

    def due(self, at: datetime) -> Statement:
        """Return what lets the run go on from here."""
        return schedule(KIND, f"{self.version}:{self.cursor}", at)


def start_rollout(version: int, at: datetime) -> Statement:
    """Return what begins the run of that version."""
    return Place(version).due(at)


async def decide_batch(connection: Connection, key: str) -> None:
    """Decide the next users; behind the last one say that the version is applied.

    A run stops where a newer version has one of its own.
    """
    place = Place.parse(key)
    await hold_policy(connection)
    loaded = await store.load(connection, ORGANIZATION.stream(), ROLLOUT.stream())
    policy = loaded.get(ORGANIZATION.stream())
    if policy.version != place.version:
        return
    cause = await cause_of(connection, ORGANIZATION.stream(), place.version)
    assert cause is not None
    users = await users_after(connection, place.cursor, BATCH)
    why = Cause(cause.correlation_id, cause.id, "system")
    await _decide(connection, policy, users, why)
    if len(users) == BATCH:
        next_ = Place(place.version, users[-1].id)
        await enqueue_all(connection, [next_.due(loaded.now)])
        return
    with caused_by(why):
        finished = loaded.get(ROLLOUT.stream()).decide(FinishRollout(place.version))
        await store.append(connection, ORGANIZATION.name, [finished], at=loaded.now)


async def _decide(
    connection: Connection, policy: OrganizationAggregate, users: list[KnownUser], why: Cause
) -> None:
    """Decide those of the users whose access is another one now."""
    judged = {
        settings: effective(policy.state, settings) for settings in {u.settings for u in users}
    }
    ids = [each.id for each in users if judged[each.settings].enabled != each.enabled]
    if not ids:
        return
    loaded = await store.load(connection, *map(USER.stream, ids))
    changes = []
    for id_ in ids:
        aggregate = loaded.get(USER.stream(id_))
        # What the stream says counts, if a command was faster than the table was read.
        settings = aggregate.state.settings
        access = judged.get(settings) or effective(policy.state, settings)
        change = aggregate.decide(DecideAccess(id_, access, policy.version))
        changes.append(ChangeOfKey(str(id_), change, why))
    await append_to_many_keys(connection, POLICY_EVENTS, changes, at=loaded.now)
