"""The queue of deliveries as a whole: what is tried again, and how much of it is unfinished."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, func, or_, update
from sqlalchemy.types import Interval

from services.chassis.postgres.database import Connection, execute, fetch, prepared, sql
from services.notifier.domain.attempts import GIVE_UP_AFTER, NOT_CONNECTED
from services.notifier.domain.delivery import LINK_KINDS, DeliveryStatus, Kind
from services.notifier.tables import deliveries

# The signal that there may be letters to send.
MAIL = "mail"

# The mail server is back: what was delayed because it was away need not wait any longer.
_MAKE_UNREACHED_DUE = sql("""
    UPDATE deliveries SET next_attempt_at = clock_timestamp()
    WHERE id IN (
        SELECT id FROM deliveries
        WHERE state = 'retrying' AND last_error = %(cause)s
            AND next_attempt_at > clock_timestamp()
        FOR UPDATE SKIP LOCKED)
""")
_organizer_id = bindparam("organizer_id", type_=Uuid)
_RETRY = prepared(
    update(deliveries)
    .where(deliveries.c.id == bindparam("of", type_=Uuid))
    .where(or_(deliveries.c.state == "failed", deliveries.c.state == "retrying"))
    # Who asks for their data does so without the organizer.
    .where(
        or_(
            _organizer_id.is_(None),
            and_(
                deliveries.c.organizer_id == _organizer_id,
                *(deliveries.c.kind != kind for kind in sorted(LINK_KINDS)),
            ),
        )
    )
    .values(
        state="retrying",
        next_attempt_at=func.clock_timestamp(),
        give_up_at=func.clock_timestamp() + bindparam("patience", type_=Interval),
    )
    .returning(deliveries.c.id)
)
_UNFINISHED = sql("""
    SELECT state, kind, count(*) AS letters FROM deliveries
    WHERE state IN ('waiting', 'sending', 'retrying') GROUP BY state, kind
""")


@dataclass(frozen=True, slots=True)
class UnfinishedCount:
    """How many letters of a kind are in an unfinished state."""

    kind: Kind
    status: DeliveryStatus
    letters: int


async def make_unreached_due(connection: Connection) -> None:
    """Make due what waits only because the mail server could not be reached."""
    await execute(connection, _MAKE_UNREACHED_DUE, cause=NOT_CONNECTED)


async def retry(connection: Connection, delivery_id: UUID, organizer_id: UUID | None) -> bool:
    """Make a failed or delayed delivery due; False when it is neither, or of somebody else."""
    found = await fetch(
        connection, _RETRY, of=delivery_id, organizer_id=organizer_id, patience=GIVE_UP_AFTER
    )
    return bool(found)


async def unfinished(connection: Connection) -> list[UnfinishedCount]:
    """Return how many letters are not sent yet."""
    rows = await fetch(connection, _UNFINISHED)
    return [UnfinishedCount(row["kind"], row["state"], row["letters"]) for row in rows]
