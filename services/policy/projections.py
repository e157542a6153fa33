"""Policy's read model: the users that have a policy or a page, their settings and decisions."""

from collections.abc import Iterable
from uuid import UUID

from services.chassis.events.streams import Recorded
from services.chassis.postgres.database import Statement, sql
from services.policy.domain.user import AccessGranted, AccessWithdrawn, Event, UserPolicyChanged
from services.policy.tables import SETTINGS

_SET = sql("""
    INSERT INTO users (id, settings) VALUES (%(id)s, %(settings)s::jsonb)
    ON CONFLICT (id) DO UPDATE SET settings = excluded.settings
""")
_DECIDE = sql("""
    INSERT INTO users (id, enabled) VALUES (%(id)s, %(enabled)s)
    ON CONFLICT (id) DO UPDATE SET enabled = excluded.enabled
""")


def project_user(recorded: Recorded[Event]) -> Iterable[Statement]:
    """Keep the user: each of their events makes them known."""
    id_ = UUID(recorded.subject)
    match recorded.event:
        case UserPolicyChanged(after=after):
            settings = SETTINGS.dump_json(after, exclude_defaults=True).decode()
            yield Statement(_SET, {"id": id_, "settings": settings})
        case AccessGranted():
            yield Statement(_DECIDE, {"id": id_, "enabled": True})
        case AccessWithdrawn():
            yield Statement(_DECIDE, {"id": id_, "enabled": False})
