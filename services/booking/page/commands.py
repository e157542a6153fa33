"""Commands on a booking page, by its organizer and by the administrators' policy."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.bookings.claims import holds_of
from services.booking.bookings.commands.release import release_hold
from services.booking.bookings.records import bookings_of
from services.booking.domain import meeting_type, page
from services.booking.domain.profile import Profile, fresh_handle
from services.booking.meeting_types.records import types_of
from services.booking.meeting_types.streams import MEETING_TYPE
from services.booking.page.streams import PAGE, PageAggregate
from services.booking.page.views import PageView, view_of
from services.booking.store import store
from services.chassis.events.streams import AnyChange
from services.chassis.postgres.database import Connection


@dataclass(frozen=True, slots=True)
class Put:
    """A page after it was put; `created` is whether there was none before."""

    view: PageView
    created: bool


async def put_page(
    connection: Connection, organizer_id: UUID, profile: Profile, expected: int | None
) -> Put:
    """Create the organizer's page, or change it; raise VersionMismatch, Invalid."""
    stream = PAGE.stream(organizer_id)
    loaded = await store.load(connection, stream)
    exists = isinstance(loaded.get(stream).state, page.Page)
    command: page.Command = (
        page.ChangePage(profile) if exists else page.CreatePage(organizer_id, profile)
    )
    changed = await _change(connection, organizer_id, command, expected)
    return Put(view_of(changed), created=not exists)


async def change_page(
    connection: Connection, organizer_id: UUID, command: page.Command, expected: int | None = None
) -> PageView:
    """Carry out the command; raise VersionMismatch when the page is not at the expected version."""
    return view_of(await _change(connection, organizer_id, command, expected))


async def renew_address(
    connection: Connection,
    organizer_id: UUID,
    handle: str | None,
    minted: UUID,
    expected: int | None,
) -> PageView:
    """Give the page another address; without a handle one is made from the old and `minted`."""
    stream = PAGE.stream(organizer_id)
    loaded = await store.load(connection, stream)
    current = view_of(loaded.get(stream)).page.profile.handle
    command = page.RenewAddress(handle or fresh_handle(current, minted))
    return await change_page(connection, organizer_id, command, expected)


async def allow_page(connection: Connection, organizer_id: UUID) -> None:
    """Open the page, as far as the policy is concerned; the person may have none yet."""
    await _change(connection, organizer_id, page.AllowPage())


async def deny_page(connection: Connection, organizer_id: UUID, rule: str) -> None:
    """Close the page by policy; end every hold, request and unproven booking; bookings stay."""
    await _change(connection, organizer_id, page.DenyPage(rule))
    unproven = await bookings_of(connection, organizer_id, ["unverified"])
    for booking_id in sorted({*await holds_of(connection, organizer_id), *unproven}):
        await release_hold(connection, booking_id, "policy_disabled")


async def _change(
    connection: Connection, organizer_id: UUID, command: page.Command, expected: int | None = None
) -> PageAggregate:
    stream = PAGE.stream(organizer_id)
    loaded = await store.load(connection, stream)
    changed = loaded.get(stream).decide(command).expecting(expected)
    changes: list[AnyChange] = [changed]
    if isinstance(command, page.ChangePage) and changed.events:
        changes += await _types_in_zone(connection, organizer_id, command.profile.time_zone)
    await store.append(connection, str(organizer_id), changes, at=loaded.now)
    return changed.after


async def _types_in_zone(
    connection: Connection, organizer_id: UUID, time_zone: str
) -> list[AnyChange]:
    """Carry a new zone into the meeting types, whose hours are the organizer's local ones."""
    await store.lock(connection, str(organizer_id))  # no type is made in the old zone meanwhile
    types = [MEETING_TYPE.stream(id_) for id_ in await types_of(connection, organizer_id)]
    loaded = await store.load(connection, *types)
    changes: list[AnyChange] = []
    for offered in map(loaded.get, types):
        if isinstance(offered.state, meeting_type.MeetingType):
            command = meeting_type.ChangeMeetingType(
                organizer_time_zone=time_zone, settings=offered.state.settings
            )
            changes.append(offered.decide(command))
    return changes
