"""Policy's event store: the streams of the organization and of its users."""

from contracts.topics import POLICY_EVENTS
from services.chassis.events.codec import Codec
from services.chassis.events.store import EventStore
from services.chassis.events.streams import Aggregate, Category
from services.chassis.postgres.database import Connection, enqueue, sql
from services.policy.domain import organization, user
from services.policy.projections import project_user
from services.policy.publish import publish_organization, publish_user

ORGANIZATION = Category(
    "organization", organization.DECIDER, Codec(organization.Event), publish_organization
)
USER = Category("user", user.DECIDER, Codec(user.Event), publish_user, project_user)

OrganizationAggregate = Aggregate[organization.State, organization.Command, organization.Event]
UserAggregate = Aggregate[user.State, user.Command, user.Event]

store = EventStore(POLICY_EVENTS)

_LOCK = sql("SELECT pg_advisory_xact_lock(7236513)")


async def lock_policy(connection: Connection) -> None:
    """Wait until no other change of policy is under way.

    A user's access follows from their stream and the organization's, which are two keys: without
    this lock a user who comes just as the organization changes would be judged by the old settings.
    """
    await enqueue(connection, _LOCK)
