"""Policy's read model: the users that have a policy or a page."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert

from services.chassis.events.store import Recorded
from services.chassis.postgres.database import Statement, prepared
from services.policy.domain.user import AccessGranted, AccessWithdrawn, UserPolicyChanged
from services.policy.tables import users

_KNOW = prepared(insert(users).values(id=bindparam("id")).on_conflict_do_nothing())


def project(recorded: Recorded[Any]) -> Iterable[Statement]:
    """Return what the event changes."""
    match recorded.event:
        case UserPolicyChanged() | AccessGranted() | AccessWithdrawn():
            yield Statement(_KNOW, {"id": UUID(recorded.subject)})
        case _:
            pass
