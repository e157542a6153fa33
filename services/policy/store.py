"""Policy's event store: its streams, their events, the topic that they are published on."""

from contracts.topics import POLICY_EVENTS
from services.chassis.events.codec import Codec
from services.chassis.events.store import Category, EventStore
from services.chassis.postgres.database import Connection, enqueue, sql
from services.policy.domain import organization, user
from services.policy.projections import project
from services.policy.publish import translate
from services.policy.upcasters import UPCASTERS

ORGANIZATION = Category("organization", organization.INITIAL, organization.evolve)
USER = Category("user", user.INITIAL, user.evolve)

CODEC = Codec(organization.Event, user.Event, upcasters=UPCASTERS)

store = EventStore(POLICY_EVENTS, CODEC, translate, project)

_LOCK = sql("SELECT pg_advisory_xact_lock(7236513)")


async def one_at_a_time(connection: Connection) -> None:
    """Wait until no other change of policy is under way.

    A user's access follows from their stream and the organization's, which are two keys: without
    this lock a user who comes just as the organization changes would be judged by the old settings.
    """
    await enqueue(connection, _LOCK)
