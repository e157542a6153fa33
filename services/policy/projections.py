"""Policy's read model: the users that have a policy or a page."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert

from services.chassis.events.streams import Recorded
from services.chassis.postgres.database import Statement, prepared
from services.policy.domain.user import Event
from services.policy.tables import users

_KNOW = prepared(insert(users).values(id=bindparam("id")).on_conflict_do_nothing())


def project_user(recorded: Recorded[Event]) -> Iterable[Statement]:
    """Keep the user: each of their events makes them known."""
    yield Statement(_KNOW, {"id": UUID(recorded.subject)})
