"""Erasing people: their rows, what waits to be published, remembered answers; a tombstone follows.

The booking itself stays: it can be counted, and its organizer still sees when it was. A private
link that is addressed to nobody else ends: nobody could book with it.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from prometheus_client import Counter

from services.booking.attendees import records
from services.booking.attendees.commands import forget_person
from services.booking.attendees.records import AttendeeRecord
from services.booking.attendees.streams import HELD_DATA
from services.booking.domain import held_data
from services.booking.domain.held_data import EraseData, Eraser
from services.booking.domain.private_link import EraseAddressee, LinkExpired
from services.booking.domain.refusals import NotFound
from services.booking.private_links.details import (
    AddressedLink,
    address_of,
    erase_addressee,
    links_addressed_to,
)
from services.booking.private_links.streams import PRIVATE_LINK
from services.booking.store import store
from services.chassis.events.loading import Loaded
from services.chassis.events.store import Append, enqueue_appends
from services.chassis.events.streams import AnyChange
from services.chassis.http.erased_answers import forget_answers
from services.chassis.postgres.database import Connection, Statement, count_at_commit, enqueue_all
from services.chassis.text.mail_address import same_address

ERASED = Counter("bookwith_attendees_erased_total", "Records of attendees that were erased", ["by"])
for _by in ("attendee", "administrator", "retention"):
    ERASED.labels(_by)


async def records_of(connection: Connection, email: str) -> Sequence[AttendeeRecord]:
    """Return all records with the address, however it is written."""
    return await records.with_address(connection, same_address(email))


async def email_of(connection: Connection, id_: UUID) -> str | None:
    """Return the address of the attendee, or of the addressee of a link, who has that id."""
    found = await records.with_ids(connection, [id_])
    return found[0].email if found else await address_of(connection, id_)


async def erase_person(connection: Connection, id_: UUID, erasure_id: UUID, by: Eraser) -> UUID:
    """Erase the person with that id wherever their address is; return the erasure's id.

    Who is erased already is so by the erasure that did it. Raise NotFound for an unknown id.
    """
    email = await email_of(connection, id_)
    if email is None:
        stream = HELD_DATA.stream(id_)
        state = (await store.load(connection, stream)).get(stream).state
        if not isinstance(state, held_data.Erased):
            raise NotFound("attendee")
        return state.erasure_id
    links = await links_addressed_to(connection, email)
    await erase(connection, await records_of(connection, email), erasure_id, by, links)
    await enqueue_all(connection, [erase_addressee(email)])
    return erasure_id


async def erase(
    connection: Connection,
    people: Sequence[AttendeeRecord],
    erasure_id: UUID,
    by: Eraser,
    links: Sequence[AddressedLink] = (),
) -> None:
    """Erase the records and the addressees, each with an event of its own under its organizer."""
    erasing: list[AttendeeRecord | AddressedLink] = [*people, *links]
    loaded = await store.load(
        connection,
        *(HELD_DATA.stream(each.id) for each in erasing),
        *(PRIVATE_LINK.stream(each.link_id) for each in links),
    )
    appends: list[Append] = []
    ordered = sorted(erasing, key=lambda each: (str(each.organizer_id), each.id))
    for key, of_organizer in groupby(ordered, key=lambda each: str(each.organizer_id)):
        theirs = list(of_organizer)
        changes = [change for each in theirs for change in _changes(each, loaded, erasure_id, by)]
        # An ended link that several of them were for is guarded once.
        once = {change.aggregate.stream.name: change for change in changes}.values()
        after = [statement for each in theirs for statement in _forgetting(each, loaded.now)]
        appends.append(store.prepare(key, list(once), at=loaded.now, after=after))
    await enqueue_appends(connection, appends)
    count_at_commit(connection, [ERASED.labels(by) for _ in erasing])


def _changes(
    held: AttendeeRecord | AddressedLink, loaded: Loaded, erasure_id: UUID, by: Eraser
) -> list[AnyChange]:
    """Return that the person is erased in that place; a link to nobody else ends."""
    aggregate = loaded.get(HELD_DATA.stream(held.id))
    if isinstance(held, AttendeeRecord):
        erase_data = EraseData(
            booking_id=held.booking_id, erasure_id=erasure_id, by=by, at=loaded.now
        )
        return [aggregate.decide(erase_data)]
    taken_out = EraseAddressee(held.has_others, loaded.now)
    link = loaded.get(PRIVATE_LINK.stream(held.link_id)).decide(taken_out)
    erase_data = EraseData(
        link_id=held.link_id,
        link_ends=any(isinstance(event, LinkExpired) for event in link.events),
        erasure_id=erasure_id,
        by=by,
        at=loaded.now,
    )
    return [link, aggregate.decide(erase_data)]


def _forgetting(held: AttendeeRecord | AddressedLink, at: datetime) -> Sequence[Statement]:
    if isinstance(held, AddressedLink):
        return forget_person(held.id, at)
    erased = [records.erase(held.id), forget_answers(held.booking_id)]
    return [*erased, *forget_person(held.id, at)]
