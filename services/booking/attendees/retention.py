"""Retention: attendees whose meeting, and addressees whose link, ended some days ago are erased."""

from datetime import datetime, timedelta

from services.booking.attendees import records
from services.booking.attendees.erasure import erase
from services.booking.private_links.details import (
    addressees_of,
    forget_addressees,
    past_addressed,
)
from services.booking.store import store
from services.chassis.events import timers
from services.chassis.events.timers import Handler
from services.chassis.ids import new_id
from services.chassis.postgres.database import Connection, enqueue_all

RETENTION_TIMER = "attendee_retention"
AT_ONCE = 100
EVERY = timedelta(hours=1)


def erasing_past(days: int | None) -> Handler:
    """Return what the timer fires: nobody is erased without a number of days.

    It sets the timer of the next round, under a key of its own: this one's is deleted.
    """

    async def fire(connection: Connection, _: str) -> None:
        now: datetime = (await store.load(connection)).now
        is_more = days is not None and await _erase_past(connection, days)
        due = now if is_more else now + EVERY
        key = now.isoformat()
        await enqueue_all(connection, [timers.schedule(RETENTION_TIMER, key, due)])

    return fire


async def _erase_past(connection: Connection, days: int) -> bool:
    """Erase some; tell whether there may be more."""
    people = await records.past(connection, days, AT_ONCE)
    ended = await past_addressed(connection, days, AT_ONCE)
    if people or ended:
        addressed = await addressees_of(connection, ended)
        await erase(connection, people, new_id(), "retention", addressed)
        await enqueue_all(connection, [forget_addressees(ended)])
    return AT_ONCE in (len(people), len(ended))
