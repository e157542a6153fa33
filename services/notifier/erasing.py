"""Erasing an attendee: their data, letters to them, what waits to be parked; a receipt follows.

Letters to the organizer still go out, without the name. Whatever was parked under their key goes by
a tombstone in the dead-letter topic; a record with another key stays there for its seven days.
"""

from datetime import datetime
from uuid import UUID

from contracts.booking import DataErased
from contracts.notifier import MailDataErased
from contracts.topics import BOOKING_ATTENDEES, dead_letter_topic
from services.chassis.messaging import outbox
from services.chassis.postgres.database import (
    Connection,
    enqueue,
    enqueue_all,
    fetch_one,
    sql,
)

_DEAD_LETTERS = dead_letter_topic(BOOKING_ATTENDEES, "notifier")

_NOW = sql("SELECT clock_timestamp() AS now")
# When that was is what the event of the erasure says; a tombstone has no time, and may be all that
# there is: a clock's time would be another one when this is made again from the topics.
_REMEMBER = sql("""
    INSERT INTO erasures AS e (attendee_id, erased_at) VALUES (%(of)s, %(at)s::timestamptz)
    ON CONFLICT (attendee_id) DO UPDATE SET erased_at = coalesce(%(at)s::timestamptz, e.erased_at)
""")
_DROP = sql("DELETE FROM attendees WHERE attendee_id = %(of)s")
# Letters to the attendee fail for want of an address; those to the organizer go out nameless.
_RETRY = sql("""
    UPDATE deliveries SET state = 'retrying', next_attempt_at = clock_timestamp()
    WHERE attendee_id = %(of)s AND state IN ('waiting', 'retrying')
""")
_FORGET_PARKED = sql("""
    DELETE FROM parked WHERE topic = %(topic)s AND subject = %(of)s::text
""")
_FORGET_UNSENT = sql("""
    DELETE FROM outbox WHERE position IN (
        SELECT position FROM outbox
        WHERE topic = %(topic)s AND key = convert_to(%(of)s::text, 'UTF8')
        FOR UPDATE SKIP LOCKED)
""")
_FORGET_REFUSED = sql("""
    DELETE FROM outbox_refused
    WHERE topic = %(topic)s AND key = convert_to(%(of)s::text, 'UTF8')
""")


async def erase_attendee(
    connection: Connection, attendee_id: UUID, at: datetime | None = None
) -> None:
    """Erase all that is held about the attendee, and take nothing in about them any more."""
    await enqueue(connection, _REMEMBER, of=attendee_id, at=at)
    await enqueue(connection, _DROP, of=attendee_id)
    await enqueue(connection, _RETRY, of=attendee_id)
    for forget in (_FORGET_UNSENT, _FORGET_REFUSED):
        await enqueue(connection, forget, topic=_DEAD_LETTERS, of=attendee_id)
    await enqueue(connection, _FORGET_PARKED, topic=BOOKING_ATTENDEES, of=attendee_id)
    # Always: a record that was parked for its number, or as unreadable, has no row with their id.
    key, why = str(attendee_id).encode(), [("dlt_reason", b"erased")]
    await enqueue_all(connection, [outbox.record(_DEAD_LETTERS, key, None, why)])


async def erase_with_receipt(connection: Connection, event: DataErased) -> None:
    """Erase the attendee, and say so."""
    await erase_attendee(connection, event.attendee_id, event.erased_at)
    row = await fetch_one(connection, _NOW)
    assert row is not None
    at = row["now"]
    receipt = MailDataErased(
        organizer_id=event.organizer_id,
        attendee_id=event.attendee_id,
        booking_id=event.booking_id,
        erased_at=at,
    )
    await enqueue_all(connection, [outbox.message(receipt, at=at)])
