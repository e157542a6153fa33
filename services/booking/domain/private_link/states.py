"""The states of a private link: none yet, or a link with its uses and, at last, why it ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.booking.domain.private_link.limits import Limits
from services.booking.domain.refusals import EndReason, NotFound

# So many holds may share a link's last use, so that nobody who only presses a time locks others
# out; no more, because each holds a time of the organizer.
MOST_SHARING = 10

LinkState = Literal["active", "held", "consumed", "expired", "revoked"]


@dataclass(frozen=True, slots=True)
class Absent:
    """No link has this id yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """`held` and `consumed` are the bookings that have a use; `ended` is why no more is given.

    `offer_id` is the offer whose times the link opens, if it belongs to one.
    """

    organizer_id: UUID
    meeting_type_id: UUID
    limits: Limits
    offer_id: UUID | None = None
    held: frozenset[UUID] = frozenset()
    consumed: frozenset[UUID] = frozenset()
    ended: EndReason | None = None

    @property
    def is_used_up(self) -> bool:
        """Tell whether every use is consumed."""
        return len(self.consumed) == self.limits.max_uses

    @property
    def is_held(self) -> bool:
        """Tell whether every use that is left is held by somebody."""
        uses = self.limits.max_uses
        return uses is not None and len(self.consumed) + len(self.held) >= uses

    @property
    def is_crowded(self) -> bool:
        """Tell whether no more holds may share the last use."""
        uses = self.limits.max_uses
        return uses is not None and len(self.consumed) + len(self.held) >= uses + MOST_SHARING - 1


State = Absent | Link


def end_reason(state: State, at: datetime) -> EndReason | None:
    """Return why the link gives no use any more, or None while it may."""
    match state:
        case Absent():
            raise NotFound("link")
        case Link(ended=reason) if reason:
            return reason  # as it was published
        case Link(is_used_up=True):
            return "consumed"
        case Link(limits=limits):
            return "ttl" if at >= limits.expires_at else None


def link_state(state: State, at: datetime) -> LinkState:
    """Return the name of the link's state; `held` is one whose last use somebody holds."""
    match end_reason(state, at):
        case None:
            return "held" if isinstance(state, Link) and state.is_held else "active"
        case "ttl":
            return "expired"
        case "consumed":
            return "consumed"
        case "revoked" | "type_deleted" | "type_made_public":
            return "revoked"


def offer_of(state: State | None) -> UUID | None:
    """Return the offer that the link belongs to, if it belongs to one."""
    return state.offer_id if isinstance(state, Link) else None


def opens_later(state: State, at: datetime) -> datetime | None:
    """Return the moment from which the link may be used, if it has not come yet."""
    match state:
        case Link(limits=Limits(not_before=datetime() as opening)) if at < opening:
            return opening
        case _:
            return None


def opens(state: State, meeting_type_id: UUID) -> bool:
    """Tell whether the link leads to that meeting type, alive or not."""
    return isinstance(state, Link) and state.meeting_type_id == meeting_type_id
