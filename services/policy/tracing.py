"""A user's effective access with the verdict of each rule, now and as of a moment."""

from datetime import datetime
from uuid import UUID

from services.chassis.postgres.database import Connection
from services.policy import answers, views
from services.policy.commands import load_user
from services.policy.domain.access import effective
from services.policy.queries import load_as_of
from services.policy.store import ORGANIZATION, USER


async def trace(
    connection: Connection, user_id: UUID, as_of: datetime | None = None
) -> answers.EffectiveAccess:
    """Return the trace; as of a moment it is what the settings of then say."""
    if as_of is None:
        seen = await load_user(connection, user_id)
        return views.effective(seen.access, seen.by.state, seen.by.version)
    everybody, own = ORGANIZATION.stream(), USER.stream(user_id)
    loaded = await load_as_of(connection, as_of, everybody, own)
    policy, settings = loaded.get(everybody), loaded.get(own).state.settings
    return views.effective(effective(policy.state, settings), policy.state, policy.version)
