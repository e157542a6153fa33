"""Policy's event store: the streams of the organization and of its users."""

from contracts.topics import POLICY_EVENTS
from services.chassis.events.codec import Codec
from services.chassis.events.store import EventStore
from services.chassis.events.streams import Aggregate, Category
from services.chassis.postgres.database import Connection, enqueue, sql
from services.policy.domain import organization, rollout, user
from services.policy.origin import noted_origin
from services.policy.projections import project_user
from services.policy.publish import publish_organization, publish_rollout, publish_user

ORGANIZATION = Category(
    "organization", organization.DECIDER, Codec(organization.Event), publish_organization
)
ROLLOUT = Category("rollout", rollout.DECIDER, Codec(rollout.Event), publish_rollout)
USER = Category("user", user.DECIDER, Codec(user.Event), publish_user, project_user)

OrganizationAggregate = Aggregate[organization.State, organization.Command, organization.Event]
UserAggregate = Aggregate[user.State, user.Command, user.Event]

store = EventStore(POLICY_EVENTS, noted_origin)

_ALONE = sql("SELECT pg_advisory_xact_lock(7236513)")
_BESIDE = sql("SELECT pg_advisory_xact_lock_shared(7236513)")


async def lock_policy(connection: Connection) -> None:
    """Wait until no user is being decided, and let nobody be until the policy has changed.

    It is held for the append of one event, whatever the number of users.
    """
    await enqueue(connection, _ALONE)


async def hold_policy(connection: Connection) -> None:
    """Let the policy for everybody not change while users are decided by it.

    A user's access follows from their stream and the organization's, which are two keys: without
    this a user who comes just as the policy changes would be judged by the old settings, and the
    run over all users might have passed their place already.
    """
    await enqueue(connection, _BESIDE)
