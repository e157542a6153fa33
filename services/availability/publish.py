"""Availability's verdict as a contract event: pure."""

from collections.abc import Sequence
from datetime import datetime

from contracts.availability import SlotAccepted, SlotRejected
from contracts.booking import SlotReserved
from contracts.values import Reason as ContractReason
from services.availability.domain.reasons import Reason


def verdict_event(
    reserved: SlotReserved, reasons: Sequence[Reason], checked_at: datetime
) -> SlotAccepted | SlotRejected:
    """Return what subscribers hear of the verdict; reasons are the rules that forbid the time."""
    kind = SlotRejected if reasons else SlotAccepted
    return kind(
        booking_id=reserved.booking_id,
        organizer_id=reserved.organizer_id,
        start=reserved.start,
        end=reserved.end,
        purpose=reserved.purpose,
        checked_at=checked_at,
        reasons=tuple(ContractReason(rule=each.rule, detail=each.detail) for each in reasons),
    )
