"""Commands on a booking page, by its organizer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.booking.domain import meeting_type, page
from services.booking.domain.handle import fresh_handle
from services.booking.domain.profile import Profile
from services.booking.meeting_types.default_types import DEFAULT_MINUTES, default_types
from services.booking.meeting_types.records import types_of
from services.booking.meeting_types.streams import MEETING_TYPE
from services.booking.page.records import claim_address
from services.booking.page.streams import PAGE, PageAggregate
from services.booking.page.views import PageView, view_of
from services.booking.store import store
from services.chassis.events.streams import AnyChange
from services.chassis.ids import new_id
from services.chassis.postgres.database import Connection, Statement


@dataclass(frozen=True, slots=True)
class Put:
    """A page after it was put; `created` is whether there was none before."""

    view: PageView
    created: bool


async def put_page(
    connection: Connection,
    organizer_id: UUID,
    profile_from: Callable[[Profile | None], Profile],
    expected: int | None,
) -> Put:
    """Create the organizer's page, or change it; raise VersionMismatch, Invalid.

    A new page comes with the default meeting types, in the same append.
    """
    stream = PAGE.stream(organizer_id)
    types = [MEETING_TYPE.stream(new_id()) for _ in DEFAULT_MINUTES]
    loaded = await store.load(connection, stream, *types)
    current = loaded.get(stream)
    if isinstance(current.state, page.Page):
        command = page.ChangePage(profile_from(current.state.profile))
        changed = await _change(connection, organizer_id, command, expected)
        return Put(view_of(changed), created=False)
    profile = profile_from(None)
    made = current.decide(page.CreatePage(organizer_id, profile)).expecting(expected)
    changes: list[AnyChange] = [made]
    for type_, settings in zip(types, default_types(profile.locale), strict=True):
        create = meeting_type.CreateMeetingType(
            organizer_id=organizer_id, organizer_time_zone=profile.time_zone, settings=settings
        )
        changes.append(loaded.get(type_).decide(create))
    claimed = [claim_address(organizer_id, profile.handle)]
    await store.append(connection, str(organizer_id), changes, at=loaded.now, before=claimed)
    return Put(view_of(made.after), created=True)


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
    *,
    forwarding: timedelta | None = None,
) -> PageView:
    """Give the page another address; without a handle one is made from the old and `minted`.

    The old one stays this organizer's for ever. It leads to the new one for so long, or is dead.
    """
    stream = PAGE.stream(organizer_id)
    loaded = await store.load(connection, stream)
    current = view_of(loaded.get(stream)).page.profile.handle
    until = loaded.now + forwarding if forwarding else None
    command = page.RenewAddress(handle or fresh_handle(current, minted), until)
    return await change_page(connection, organizer_id, command, expected)


async def _change(
    connection: Connection, organizer_id: UUID, command: page.Command, expected: int | None = None
) -> PageAggregate:
    stream = PAGE.stream(organizer_id)
    loaded = await store.load(connection, stream)
    changed = loaded.get(stream).decide(command).expecting(expected)
    changes: list[AnyChange] = [changed]
    if isinstance(command, page.ChangePage) and changed.events:
        changes += await _types_in_zone(connection, organizer_id, command.profile.time_zone)
    claimed = _claimed(organizer_id, loaded.get(stream).state, changed.after.state)
    await store.append(connection, str(organizer_id), changes, at=loaded.now, before=claimed)
    return changed.after


def _claimed(organizer_id: UUID, before: page.State, after: page.State) -> list[Statement]:
    """Return the claim on the page's address, if the change gives it another one."""
    old, new = (
        each.profile.handle if isinstance(each, page.Page) else None for each in (before, after)
    )
    return [] if new in (None, old) else [claim_address(organizer_id, str(new))]


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
