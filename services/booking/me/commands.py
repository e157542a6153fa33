"""Asking for one's data: a link is mailed to the address, if something is held about it."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from services.booking.attendees.commands import Recipient, publish_recipient
from services.booking.attendees.erasure import erase_person, records_of
from services.booking.attendees.records import AttendeeRecord
from services.booking.attendees.streams import HELD_DATA
from services.booking.domain import page
from services.booking.domain.held_data import RequestData
from services.booking.me.views import Erasure, open_request, view_erasure
from services.booking.page.streams import PAGE
from services.booking.private_links.details import AddressedLink, links_addressed_to
from services.booking.store import store
from services.chassis.postgres.database import Connection


async def request_data(
    connection: Connection, email: str, request_id: UUID, open_for: timedelta
) -> None:
    """Have a link mailed; nothing tells the caller whether the address is known.

    The newest record with the address stands for the person, or the newest private link that is
    addressed to it: the address itself is stored nowhere else, and its requests are counted there.
    """
    found: Sequence[AttendeeRecord | AddressedLink] = await records_of(
        connection, email
    ) or await links_addressed_to(connection, email)
    if not found:
        return
    newest = max(found, key=lambda each: each.id)
    stream, page_ = HELD_DATA.stream(newest.id), PAGE.stream(newest.organizer_id)
    loaded = await store.load(connection, stream, page_)
    requested = loaded.get(stream).decide(
        RequestData(request_id=request_id, expires_at=loaded.now + open_for, at=loaded.now)
    )
    mailed = []
    if isinstance(newest, AddressedLink) and requested.events:
        mailed = [publish_recipient(_recipient(newest, loaded.get(page_).state), loaded.now)]
    key = str(newest.organizer_id)
    await store.append(connection, key, [requested], at=loaded.now, after=mailed)


def _recipient(link: AddressedLink, owner: page.State) -> Recipient:
    """Return how the addressee is mailed: what is not known of them is as the organizer has it."""
    profile = owner.profile if isinstance(owner, page.Page) else None
    return Recipient(
        id=link.id,
        organizer_id=link.organizer_id,
        email=link.email,
        time_zone=link.time_zone or (profile.time_zone if profile else "UTC"),
        locale=profile.locale if profile else "en",
    )


async def erase_by_request(connection: Connection, request_id: UUID, erasure_id: UUID) -> Erasure:
    """Erase all that the mailed link shows; once more it answers with the same erasure."""
    opened = await open_request(connection, request_id)
    done = await erase_person(connection, opened.attendee_id, erasure_id, "attendee")
    return await view_erasure(connection, done)
