"""A booking: one attendee's claim on one slot, from reservation to cancellation.

Cut by subject: holding a time, confirming it, moving it, cancelling it. `decider` is the table of
contents; what others need of the package is named here.
"""

from services.booking.domain.booking.cancelling import BookingCancelled, CancelBooking
from services.booking.domain.booking.confirming import BookingConfirmed, ConfirmBooking, Verdict
from services.booking.domain.booking.decider import DECIDER, Command, Event
from services.booking.domain.booking.extending import ExtendHold, HoldExtended
from services.booking.domain.booking.holding import (
    Purpose,
    ReleaseHold,
    ReserveSlot,
    SlotReleased,
    SlotReserved,
)
from services.booking.domain.booking.meeting import Contact, Meeting, Terms, uid
from services.booking.domain.booking.moving import (
    BookingRescheduled,
    CompleteReschedule,
    RequestReschedule,
    why_not_moved,
)
from services.booking.domain.booking.states import (
    Cancelled,
    Confirmed,
    Held,
    LastChange,
    PendingMove,
    RefusedMove,
    Released,
    ReleaseReason,
    State,
    Status,
    Vacant,
    pending_move,
    refusal_of,
    release_reason,
    slot_of,
    status,
    wanted_slot,
)

__all__ = [
    "DECIDER",
    "BookingCancelled",
    "BookingConfirmed",
    "BookingRescheduled",
    "CancelBooking",
    "Cancelled",
    "Command",
    "CompleteReschedule",
    "ConfirmBooking",
    "Confirmed",
    "Contact",
    "Event",
    "ExtendHold",
    "Held",
    "HoldExtended",
    "LastChange",
    "Meeting",
    "PendingMove",
    "Purpose",
    "RefusedMove",
    "ReleaseHold",
    "ReleaseReason",
    "Released",
    "RequestReschedule",
    "ReserveSlot",
    "SlotReleased",
    "SlotReserved",
    "State",
    "Status",
    "Terms",
    "Vacant",
    "Verdict",
    "pending_move",
    "refusal_of",
    "release_reason",
    "slot_of",
    "status",
    "uid",
    "wanted_slot",
    "why_not_moved",
]
