"""The states of a private link: none yet, or a link with its uses and, at last, why it ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.booking.domain.private_link.limits import Limits
from services.booking.domain.refusals import EndReason, NotFound

LinkState = Literal["active", "held", "consumed", "expired", "revoked"]


@dataclass(frozen=True, slots=True)
class Absent:
    """No link has this id yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """`held` and `consumed` are the bookings that have a use; `ended` is why no more is given."""

    organizer_id: UUID
    meeting_type_id: UUID
    limits: Limits
    held: frozenset[UUID] = frozenset()
    consumed: frozenset[UUID] = frozenset()
    ended: EndReason | None = None

    @property
    def is_full(self) -> bool:
        """Tell whether every use is held or consumed."""
        return len(self.held) + len(self.consumed) == self.limits.max_uses


State = Absent | Link


def end_reason(state: State, at: datetime) -> EndReason | None:
    """Return why the link gives no use any more, or None while it may."""
    match state:
        case Absent():
            raise NotFound("link")
        case Link(ended=reason) if reason:
            return reason  # as it was published
        case Link(limits=limits, consumed=consumed) if len(consumed) == limits.max_uses:
            return "consumed"
        case Link(limits=limits):
            return "ttl" if at >= limits.expires_at else None


def link_state(state: State, at: datetime) -> LinkState:
    """Return the name of the link's state; `held` is one whose last use somebody holds."""
    match end_reason(state, at):
        case None:
            return "held" if isinstance(state, Link) and state.is_full else "active"
        case "ttl":
            return "expired"
        case "consumed":
            return "consumed"
        case "revoked" | "type_deleted" | "type_made_public":
            return "revoked"


def opens(state: State, meeting_type_id: UUID) -> bool:
    """Tell whether the link leads to that meeting type, alive or not."""
    return isinstance(state, Link) and state.meeting_type_id == meeting_type_id
