"""A private link: the way to one private meeting type, for a number of bookings or a time."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

from services.booking.domain.limits import Limits, deadline_faults, use_faults
from services.booking.domain.refusals import (
    DeathReason,
    LinkDead,
    LinkInUse,
    NotFound,
    StateConflict,
    refuse_if_any,
)


@dataclass(frozen=True, slots=True)
class IssueLink:
    organizer_id: UUID
    meeting_type_id: UUID
    limits: Limits
    at: datetime
    minimum_seconds: int = 3600


@dataclass(frozen=True, slots=True)
class ChangeLink:
    limits: Limits
    at: datetime
    minimum_seconds: int = 3600


@dataclass(frozen=True, slots=True)
class TakeUse:
    booking_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class ReturnUse:
    booking_id: UUID


@dataclass(frozen=True, slots=True)
class ConsumeUse:
    booking_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class RevokeLink:
    at: datetime


@dataclass(frozen=True, slots=True)
class ExpireLink:
    at: datetime


@dataclass(frozen=True, slots=True)
class KillLink:
    reason: Literal["type_deleted", "type_made_public"]
    at: datetime


@dataclass(frozen=True, slots=True)
class PrivateLinkIssued:
    organizer_id: UUID
    meeting_type_id: UUID
    limits: Limits


@dataclass(frozen=True, slots=True)
class PrivateLinkChanged:
    meeting_type_id: UUID
    limits: Limits


@dataclass(frozen=True, slots=True)
class LinkUseTaken:
    booking_id: UUID


@dataclass(frozen=True, slots=True)
class LinkUseReturned:
    booking_id: UUID


@dataclass(frozen=True, slots=True)
class LinkUseConsumed:
    booking_id: UUID


@dataclass(frozen=True, slots=True)
class LinkExpired:
    meeting_type_id: UUID
    reason: DeathReason
    expired_at: datetime


@dataclass(frozen=True, slots=True)
class Absent:
    pass


@dataclass(frozen=True, slots=True)
class Link:
    """`held` and `consumed` are the bookings that have a use; `ended` is why no more is given."""

    organizer_id: UUID
    meeting_type_id: UUID
    limits: Limits
    held: frozenset[UUID] = frozenset()
    consumed: frozenset[UUID] = frozenset()
    ended: DeathReason | None = None


Command = (
    IssueLink | ChangeLink | TakeUse | ReturnUse | ConsumeUse | RevokeLink | ExpireLink | KillLink
)
Event = (
    PrivateLinkIssued
    | PrivateLinkChanged
    | LinkUseTaken
    | LinkUseReturned
    | LinkUseConsumed
    | LinkExpired
)
State = Absent | Link

INITIAL: State = Absent()


def decide(state: State, command: Command) -> list[Event]:
    """Return the events that the command causes; raise if a rule forbids it."""
    match state, command:
        case Absent(), IssueLink(organizer_id, type_id, limits, at, minimum_seconds):
            refuse_if_any((*use_faults(limits), *deadline_faults(limits, at, minimum_seconds)))
            return [PrivateLinkIssued(organizer_id, type_id, limits)]
        case Absent(), _:
            raise NotFound("link")
        case Link() as link, ChangeLink() as change:
            return _change(link, change)
        case Link() as link, TakeUse(booking_id, at):
            return _take(link, booking_id, at)
        case Link(held=held), ReturnUse(booking_id):
            return [LinkUseReturned(booking_id)] if booking_id in held else []
        case Link() as link, ConsumeUse(booking_id, at):
            return _consume(link, booking_id, at)
        case Link() as link, RevokeLink(at):
            return _end(link, "revoked", at)
        case Link() as link, KillLink(reason, at):
            return _end(link, reason, at)
        case Link() as link, ExpireLink(at):
            return _passed_deadline(link, at)
        case _:
            raise StateConflict("This link exists already.")


def evolve(state: State, event: Event) -> State:
    """Return the state after the event; history is never refused."""
    if isinstance(event, PrivateLinkIssued):
        return Link(event.organizer_id, event.meeting_type_id, event.limits)
    if isinstance(state, Absent):
        return state
    match event:
        case PrivateLinkChanged(_, limits):
            return replace(state, limits=limits)
        case LinkUseTaken(booking_id):
            return replace(state, held=state.held | {booking_id})
        case LinkUseReturned(booking_id):
            return replace(state, held=state.held - {booking_id})
        case LinkUseConsumed(booking_id):
            return replace(
                state,
                held=state.held - {booking_id},
                consumed=state.consumed | {booking_id},
            )
        case LinkExpired(_, reason):
            return replace(state, ended=reason)
        case _:
            assert_never(event)


def dead_reason(state: State, at: datetime) -> DeathReason | None:
    """Return why the link gives no use any more, or None while it may; a full link is alive."""
    match state:
        case Absent():
            raise NotFound("link")
        case Link(limits=limits, consumed=consumed) if len(consumed) == limits.max_uses:
            return "consumed"
        case Link(ended=reason) if reason:
            return reason
        case Link(limits=limits):
            return "ttl" if at >= limits.expires_at else None


def link_state(
    state: State, at: datetime
) -> Literal["active", "held", "consumed", "expired", "revoked"]:
    """Return the name of the link's state; `held` is one whose last use somebody holds."""
    match dead_reason(state, at):
        case None:
            return "held" if isinstance(state, Link) and _is_full(state) else "active"
        case "ttl":
            return "expired"
        case "consumed":
            return "consumed"
        case "revoked" | "type_deleted" | "type_made_public":
            return "revoked"


def _is_full(link: Link) -> bool:
    return len(link.held) + len(link.consumed) == link.limits.max_uses


def _change(link: Link, change: ChangeLink) -> list[Event]:
    if reason := dead_reason(link, change.at):
        raise LinkDead(reason)
    if change.limits == link.limits:
        return []  # asked again for what already is: nothing happens
    faults = [*use_faults(change.limits, len(link.consumed), len(link.held))]
    if change.limits.expires_at != link.limits.expires_at:  # one that is kept may be near
        faults += deadline_faults(change.limits, change.at, change.minimum_seconds)
    refuse_if_any(faults)
    return [PrivateLinkChanged(link.meeting_type_id, change.limits)]


def _take(link: Link, booking_id: UUID, at: datetime) -> list[Event]:
    if booking_id in link.held | link.consumed:
        return []
    if reason := dead_reason(link, at):
        raise LinkDead(reason)
    if _is_full(link):
        raise LinkInUse
    return [LinkUseTaken(booking_id)]


def _consume(link: Link, booking_id: UUID, at: datetime) -> list[Event]:
    if booking_id in link.consumed:
        return []
    if link.ended in ("revoked", "type_deleted", "type_made_public"):
        raise LinkDead(link.ended)
    if booking_id not in link.held:
        raise StateConflict("This booking holds no use of the link.")
    # A use that was taken in time may be consumed late: the deadline is about taking.
    expired = _passed_deadline(link, at)
    consumed = LinkUseConsumed(booking_id)
    if link.ended is None and not expired and len(link.consumed) + 1 == link.limits.max_uses:
        return [consumed, LinkExpired(link.meeting_type_id, "consumed", at)]
    return [*expired, consumed]


def _end(link: Link, reason: DeathReason, at: datetime) -> list[Event]:
    if link.ended is not None:
        return []
    return _passed_deadline(link, at) or [LinkExpired(link.meeting_type_id, reason, at)]


def _passed_deadline(link: Link, at: datetime) -> list[Event]:
    """Return the expiry that a late sweeper has not written yet."""
    if link.ended is not None or at < link.limits.expires_at:
        return []
    return [LinkExpired(link.meeting_type_id, "ttl", link.limits.expires_at)]
