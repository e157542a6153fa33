"""Commands on a booking page, by its organizer and by the administrators' policy."""

from typing import Any
from uuid import UUID

from services.booking import queries
from services.booking.domain import meeting_type, page
from services.booking.domain.refusals import NotFound
from services.booking.handlers.releasing import release
from services.booking.store import MEETING_TYPE, PAGE, store
from services.chassis.events.store import Aggregate, Change
from services.chassis.postgres.database import Connection

Page = Aggregate[page.State, page.Event]


async def load_page(connection: Connection, organizer_id: UUID) -> Page:
    """Return the organizer's page as it stands; raise NotFound when there is none yet."""
    loaded = await store.load(connection, PAGE.stream(organizer_id))
    held = loaded.get(PAGE, organizer_id)
    if not isinstance(held.state, page.Page):
        raise NotFound("page")
    return held


async def exists(connection: Connection, organizer_id: UUID) -> bool:
    """Whether the organizer has a page; the policy may have spoken before."""
    loaded = await store.load(connection, PAGE.stream(organizer_id))
    return isinstance(loaded.get(PAGE, organizer_id).state, page.Page)


async def handle_of(connection: Connection, organizer_id: UUID) -> str:
    """Return the address of the organizer's page."""
    held = await load_page(connection, organizer_id)
    assert isinstance(held.state, page.Page)
    return held.state.profile.handle


async def change_page(
    connection: Connection, organizer_id: UUID, command: page.Command, expected: int | None = None
) -> Page:
    """Carry out the command; raise VersionMismatch when the page is not at the expected version."""
    loaded = await store.load(connection, PAGE.stream(organizer_id))
    held = loaded.get(PAGE, organizer_id)
    events = page.decide(held.state, command)
    held.must_be_at(expected, events)
    changes: list[Change[Any, Any]] = [Change(held, events)]
    if isinstance(command, page.ChangePage) and events:
        changes += await _types_in_zone(connection, organizer_id, command.profile.time_zone)
    await store.append(connection, str(organizer_id), changes, at=loaded.now)
    return held.after(PAGE, events)


async def deny(connection: Connection, organizer_id: UUID, rule: str) -> None:
    """Close the page by policy and release every hold; bookings stay."""
    await change_page(connection, organizer_id, page.DenyPage(rule))
    for booking_id in await queries.held_of(connection, organizer_id):
        await release(connection, booking_id, "policy_disabled")


async def _types_in_zone(
    connection: Connection, organizer_id: UUID, time_zone: str
) -> list[Change[Any, Any]]:
    """Carry a new zone into the meeting types, whose hours are the organizer's local ones."""
    await store.lock(connection, str(organizer_id))  # no type is made in the old zone meanwhile
    ids = await queries.types_of(connection, organizer_id)
    loaded = await store.load(connection, *map(MEETING_TYPE.stream, ids))
    changes: list[Change[Any, Any]] = []
    for held in (loaded.get(MEETING_TYPE, id_) for id_ in ids):
        if isinstance(held.state, meeting_type.MeetingType):
            command = meeting_type.ChangeMeetingType(time_zone, held.state.settings)
            changes.append(Change(held, meeting_type.decide(held.state, command)))
    return changes
