"""The uses of a private link: taken by a hold, returned with it, consumed by a confirmation.

Holds that are not confirmed may share the last use: the first confirmation consumes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.booking.domain.private_link.ending import LinkExpired, expire, expired
from services.booking.domain.private_link.states import Link, State, end_reason, opens_later
from services.booking.domain.refusals import LinkEnded, LinkInUse, LinkNotYet, StateConflict


@dataclass(frozen=True, slots=True)
class TakeUse:
    """Take a use for a booking that holds a time."""

    booking_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class ReturnUse:
    """Give back the use of a booking whose hold was released, if it has one."""

    booking_id: UUID


@dataclass(frozen=True, slots=True)
class ConsumeUse:
    """Use the link up by a booking that is confirmed."""

    booking_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class LinkUseTaken:
    """A booking holds a use."""

    booking_id: UUID


@dataclass(frozen=True, slots=True)
class LinkUseReturned:
    """The use may be taken again."""

    booking_id: UUID


@dataclass(frozen=True, slots=True)
class LinkUseConsumed:
    """The use is gone for good; cancelling the booking does not return it."""

    booking_id: UUID


def take(link: Link, command: TakeUse) -> list[LinkUseTaken]:
    """Take a use; raise LinkEnded, LinkNotYet, LinkInUse when too many share the last one."""
    if command.booking_id in link.held | link.consumed:
        return []
    if reason := end_reason(link, command.at):
        raise LinkEnded(reason)
    if opening := opens_later(link, command.at):
        raise LinkNotYet(opening)
    if link.is_crowded:
        raise LinkInUse
    return [LinkUseTaken(command.booking_id)]


def give_back(link: Link, command: ReturnUse) -> list[LinkUseReturned]:
    """Give the use back, if the booking has one that is not consumed."""
    return [LinkUseReturned(command.booking_id)] if command.booking_id in link.held else []


def consume(link: Link, command: ConsumeUse) -> Sequence[LinkUseConsumed | LinkExpired]:
    """Use the link up by one; the last use ends it. Raises LinkEnded, StateConflict.

    Of several holds that share the last use the first that is confirmed has it.
    """
    if command.booking_id in link.consumed:
        return []
    refuse_if_closed(link, command.booking_id)
    if command.booking_id not in link.held:
        raise StateConflict("This booking holds no use of the link.")
    # A use that was taken in time may be consumed late: the deadline is about taking.
    past_deadline = expire(link, command.at)
    consumed = LinkUseConsumed(command.booking_id)
    is_last = len(link.consumed) + 1 == link.limits.max_uses
    if link.ended is None and not past_deadline and is_last:
        return [consumed, expired(link, "consumed", command.at)]
    return [*past_deadline, consumed]


def refuse_if_closed(link: State, booking_id: UUID) -> None:
    """Raise LinkEnded if a use that the booking holds cannot be consumed any more.

    One that was taken in time may be consumed after the deadline.
    """
    if not isinstance(link, Link) or booking_id in link.consumed:
        return
    if link.is_used_up:
        raise LinkEnded("consumed")  # another of those who shared the last use was first
    if link.ended in ("revoked", "type_deleted", "type_made_public"):
        raise LinkEnded(link.ended)
