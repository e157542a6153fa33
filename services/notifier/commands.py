"""The notifier's one command: have a delayed or failed mail tried again."""

from uuid import UUID

import structlog

from services.chassis.postgres.database import Database
from services.notifier import deliveries, queries
from services.notifier.domain.delivery import UNFINISHED
from services.notifier.domain.refusals import DeliveryNotFound, NothingToRetry
from services.notifier.queries import DeliveryRecord

log = structlog.get_logger(__name__)


async def retry_delivery(
    database: Database, delivery_id: UUID, *, by: UUID, organizer_id: UUID | None
) -> DeliveryRecord:
    """Make the delivery due; one that is under way stays so, one that is over is refused.

    With an organizer, only a letter about a meeting of theirs is found.
    """
    async with database.connection() as connection:
        retried = await deliveries.retry(connection, delivery_id, organizer_id)
        record = await queries.delivery(connection, delivery_id)
    if record is None or not queries.is_seen_by(record, organizer_id):
        raise DeliveryNotFound
    if not retried and record.status not in UNFINISHED:
        raise NothingToRetry(record.status)
    log.info("delivery_retried", delivery_id=str(delivery_id), by=str(by))
    return record
