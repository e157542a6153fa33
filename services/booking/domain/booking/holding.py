"""Holding a time until it is confirmed, and releasing it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.booking.domain.booking.states import Held, PendingMove, ReleaseReason
from services.booking.domain.refusals import HoldOver, SlotNotOffered
from services.booking.domain.slot import Notice, Party, Slot, reasons_against

Purpose = Literal["new", "reschedule"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveSlot:
    """Hold the slot for a new booking."""

    organizer_id: UUID
    meeting_type_id: UUID
    link_id: UUID | None
    slot: Slot
    expires_at: datetime
    by: Party
    notice: Notice
    at: datetime
    revision: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseHold:
    """Release the hold; with a slot only that one: a late verdict must release no newer hold."""

    reason: ReleaseReason
    at: datetime
    slot: Slot | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotReserved:
    """A time is held. A reschedule takes no use of a link, so its `link_id` is None.

    `revision` is that of the meeting type: its questions and places are the ones that count.
    With `asked_at` the booking held it before, until the attendee was to prove their address: the
    rules about how far ahead a time may be asked for hold for that moment.
    """

    organizer_id: UUID
    meeting_type_id: UUID
    link_id: UUID | None
    slot: Slot
    expires_at: datetime
    purpose: Purpose
    by: Party
    asked_at: datetime | None = None
    revision: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotReleased:
    """A time that was held is free again."""

    organizer_id: UUID
    slot: Slot
    reason: ReleaseReason
    purpose: Purpose


def reserve(command: ReserveSlot) -> SlotReserved:
    """Hold the time, never past its own beginning; raise SlotNotOffered."""
    if reasons := reasons_against(command.slot, command.by, command.at, command.notice):
        raise SlotNotOffered(reasons)
    return SlotReserved(
        organizer_id=command.organizer_id,
        meeting_type_id=command.meeting_type_id,
        link_id=command.link_id,
        slot=command.slot,
        expires_at=min(command.expires_at, command.slot.start),
        purpose="new",
        by=command.by,
        revision=command.revision,
    )


def release(held: Held, command: ReleaseHold) -> list[SlotReleased]:
    """Release the hold, if the command is about it."""
    if not is_meant(held, command):
        return []
    return [
        SlotReleased(
            organizer_id=held.organizer_id, slot=held.slot, reason=command.reason, purpose="new"
        )
    ]


def refuse_if_over(held: Held, at: datetime) -> None:
    """Raise HoldOver at the deadline and after it."""
    if at >= held.expires_at:
        raise HoldOver


def is_meant(hold: Held | PendingMove, command: ReleaseHold) -> bool:
    """Tell whether the command is about this hold, and a timeout is due."""
    if command.slot not in (None, hold.slot):
        return False
    return command.reason != "timeout" or command.at >= hold.expires_at
