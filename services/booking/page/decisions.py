"""What the administrators' policy decides about pages, many of them at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from contracts.topics import BOOKING_EVENTS
from services.booking.bookings.claims import holds_of
from services.booking.bookings.commands.release import release_hold
from services.booking.bookings.records import unproven_of
from services.booking.domain import page
from services.booking.page.streams import PAGE
from services.booking.store import store
from services.chassis.events.many_keys import ChangeOfKey, append_to_many_keys
from services.chassis.postgres.database import Connection
from services.chassis.runtime.cause import Cause, caused_by


@dataclass(frozen=True, slots=True)
class Denial:
    """Whose page is closed by which rule, and by what event that became known."""

    organizer_id: UUID
    rule: str
    cause: Cause


async def allow_pages(connection: Connection, causes: Mapping[UUID, Cause]) -> None:
    """Open the pages, as far as the policy is concerned; these people may have none yet."""
    await _decide(connection, {id_: (page.AllowPage(), cause) for id_, cause in causes.items()})


async def deny_pages(connection: Connection, denials: Sequence[Denial]) -> None:
    """Close the pages by policy; end every hold, request and unproven booking; bookings stay."""
    causes = {each.organizer_id: each.cause for each in denials}
    commands = {each.organizer_id: (page.DenyPage(each.rule), each.cause) for each in denials}
    await _decide(connection, commands)
    held = await holds_of(connection, list(causes))
    unproven = await unproven_of(connection, list(causes))
    for booking_id, organizer_id in sorted({**held, **unproven}.items()):
        with caused_by(causes[organizer_id]):
            await release_hold(connection, booking_id, "policy_disabled")


async def _decide(
    connection: Connection, commands: Mapping[UUID, tuple[page.Command, Cause]]
) -> None:
    loaded = await store.load(connection, *map(PAGE.stream, commands))
    changes = [
        ChangeOfKey(str(id_), loaded.get(PAGE.stream(id_)).decide(command), cause)
        for id_, (command, cause) in commands.items()
    ]
    await append_to_many_keys(connection, BOOKING_EVENTS, changes, at=loaded.now)
