"""Erasing people: their rows, what waits to be published, remembered answers; a tombstone follows.

The booking itself stays: it can be counted, and its organizer still sees when it was.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from prometheus_client import Counter

from contracts.booking import AttendeeErased
from contracts.topics import BOOKING_ATTENDEES
from services.booking.attendees import records
from services.booking.attendees.records import AttendeeRecord
from services.booking.attendees.streams import HELD_DATA
from services.booking.domain import held_data
from services.booking.domain.held_data import EraseData, Eraser
from services.booking.domain.refusals import NotFound
from services.booking.private_links.details import erase_addressee
from services.booking.store import store
from services.chassis.events.store import Append, enqueue_appends
from services.chassis.events.streams import AnyChange
from services.chassis.http.erased_answers import forget_answers
from services.chassis.messaging import outbox
from services.chassis.postgres.database import Connection, Statement, count_at_commit, enqueue_all
from services.chassis.text.mail_address import same_address

ERASED = Counter("bookwith_attendees_erased_total", "Records of attendees that were erased", ["by"])
for _by in ("attendee", "administrator", "retention"):
    ERASED.labels(_by)


async def records_of(connection: Connection, email: str) -> Sequence[AttendeeRecord]:
    """Return all records with the address, however it is written."""
    return await records.with_address(connection, same_address(email))


async def erase_attendee(
    connection: Connection, attendee_id: UUID, erasure_id: UUID, by: Eraser
) -> UUID:
    """Erase the person of that record, in all records with their address; return the erasure's id.

    Who is erased already is so by the erasure that did it. Raise NotFound for an unknown attendee.
    """
    found = await records.with_ids(connection, [attendee_id])
    if not found:
        stream = HELD_DATA.stream(attendee_id)
        state = (await store.load(connection, stream)).get(stream).state
        if not isinstance(state, held_data.Erased):
            raise NotFound("attendee")
        return state.erasure_id
    email = found[0].email
    await erase(connection, await records_of(connection, email), erasure_id, by)
    await enqueue_all(connection, [erase_addressee(email)])
    return erasure_id


async def erase(
    connection: Connection, people: Sequence[AttendeeRecord], erasure_id: UUID, by: Eraser
) -> None:
    """Erase the records, each with an event of its own under its organizer."""
    streams = {record.id: HELD_DATA.stream(record.id) for record in people}
    loaded = await store.load(connection, *streams.values())
    appends: list[Append] = []
    ordered = sorted(people, key=lambda record: (str(record.organizer_id), record.id))
    for key, of_organizer in groupby(ordered, key=lambda record: str(record.organizer_id)):
        theirs = list(of_organizer)
        changes: list[AnyChange] = [
            loaded.get(streams[record.id]).decide(
                EraseData(booking_id=record.booking_id, erasure_id=erasure_id, by=by, at=loaded.now)
            )
            for record in theirs
        ]
        after = [each for record in theirs for each in _erasing(record, loaded.now)]
        appends.append(store.prepare(key, changes, at=loaded.now, after=after))
    await enqueue_appends(connection, appends)
    count_at_commit(connection, [ERASED.labels(by) for _ in people])


def _erasing(record: AttendeeRecord, at: datetime) -> Sequence[Statement]:
    tombstone = AttendeeErased(attendee_id=record.id)
    return [
        *records.erase(record.id, BOOKING_ATTENDEES),
        forget_answers(record.booking_id),
        outbox.message(tombstone, at=at, tombstone=True),
    ]
