"""A booking: one attendee's claim on one slot, from reservation to cancellation.

Cut by subject: holding a time, proving the address, confirming, approving, moving, cancelling it.
`decider` is the table of contents; what others need of the package is named here.
"""

from services.booking.domain.booking.approving import (
    ApproveBooking,
    BookingDeclined,
    DeclineBooking,
)
from services.booking.domain.booking.asking import AskToReschedule, RescheduleRequested
from services.booking.domain.booking.cancelling import BookingCancelled, CancelBooking
from services.booking.domain.booking.confirming import (
    BookingConfirmed,
    BookingRequested,
    ConfirmBooking,
    Verdict,
    VerificationRequested,
)
from services.booking.domain.booking.decider import DECIDER, Command
from services.booking.domain.booking.editing import BookingDetailsChanged, ChangeDetails, Detail
from services.booking.domain.booking.evolving import Event
from services.booking.domain.booking.extending import ExtendHold, HoldExtended, may_extend
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
    RequestRescheduled,
    RescheduleApprovalRequested,
    RescheduleDeclined,
    why_not_moved,
)
from services.booking.domain.booking.states import (
    Cancelled,
    Confirmed,
    Declined,
    DeclineReason,
    Held,
    LapseReason,
    LastChange,
    PendingMove,
    RefusedMove,
    Released,
    ReleaseReason,
    Requested,
    State,
    Status,
    Unverified,
    Vacant,
    decline_reason,
    ics_sequence,
    pending_move,
    refusal_of,
    release_reason,
    slot_of,
    status,
    wanted_slot,
)
from services.booking.domain.booking.verifying import (
    AddressVerified,
    BookingLapsed,
    LapseBooking,
    VerifyAddress,
)

__all__ = [
    "DECIDER",
    "AddressVerified",
    "ApproveBooking",
    "AskToReschedule",
    "BookingCancelled",
    "BookingConfirmed",
    "BookingDeclined",
    "BookingDetailsChanged",
    "BookingLapsed",
    "BookingRequested",
    "BookingRescheduled",
    "CancelBooking",
    "Cancelled",
    "ChangeDetails",
    "Command",
    "CompleteReschedule",
    "ConfirmBooking",
    "Confirmed",
    "Contact",
    "DeclineBooking",
    "DeclineReason",
    "Declined",
    "Detail",
    "Event",
    "ExtendHold",
    "Held",
    "HoldExtended",
    "LapseBooking",
    "LapseReason",
    "LastChange",
    "Meeting",
    "PendingMove",
    "Purpose",
    "RefusedMove",
    "ReleaseHold",
    "ReleaseReason",
    "Released",
    "RequestReschedule",
    "RequestRescheduled",
    "Requested",
    "RescheduleApprovalRequested",
    "RescheduleDeclined",
    "RescheduleRequested",
    "ReserveSlot",
    "SlotReleased",
    "SlotReserved",
    "State",
    "Status",
    "Terms",
    "Unverified",
    "Vacant",
    "Verdict",
    "VerificationRequested",
    "VerifyAddress",
    "decline_reason",
    "ics_sequence",
    "may_extend",
    "pending_move",
    "refusal_of",
    "release_reason",
    "slot_of",
    "status",
    "uid",
    "wanted_slot",
    "why_not_moved",
]
