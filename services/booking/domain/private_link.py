"""A private link: the way to one private meeting type, for a number of bookings or a time."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

from services.booking.domain.link_limits import Limits, deadline_faults, use_faults
from services.booking.domain.refusals import (
    EndReason,
    LinkEnded,
    LinkInUse,
    NotFound,
    StateConflict,
    refuse_if_any,
)
from services.chassis.events.decider import Decider


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueLink:
    organizer_id: UUID
    meeting_type_id: UUID
    limits: Limits
    at: datetime
    minimum_seconds: int = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
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
class EndLink:
    """End the link because of what happened to its meeting type."""

    reason: Literal["type_deleted", "type_made_public"]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkExpired:
    meeting_type_id: UUID
    reason: EndReason
    expired_at: datetime


@dataclass(frozen=True, slots=True)
class Absent:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """`held` and `consumed` are the bookings that have a use; `ended` is why no more is given."""

    organizer_id: UUID
    meeting_type_id: UUID
    limits: Limits
    held: frozenset[UUID] = frozenset()
    consumed: frozenset[UUID] = frozenset()
    ended: EndReason | None = None


Command = (
    IssueLink | ChangeLink | TakeUse | ReturnUse | ConsumeUse | RevokeLink | ExpireLink | EndLink
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
LinkState = Literal["active", "held", "consumed", "expired", "revoked"]


def decide(state: State, command: Command) -> list[Event]:
    """Return the events that the command causes; raise if a rule forbids it."""
    match state, command:
        case Absent(), IssueLink() as issue:
            return _issue(issue)
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
        case Link() as link, RevokeLink(at=at):
            return _end(link, "revoked", at)
        case Link() as link, EndLink(reason, at):
            return _end(link, reason, at)
        case Link() as link, ExpireLink(at):
            return _passed_deadline(link, at)
        case _:
            raise StateConflict("This link exists already.")


def evolve(state: State, event: Event) -> State:
    """Return the state after the event; history is never refused."""
    if isinstance(event, PrivateLinkIssued):
        return Link(
            organizer_id=event.organizer_id,
            meeting_type_id=event.meeting_type_id,
            limits=event.limits,
        )
    if isinstance(state, Absent):
        return state
    match event:
        case PrivateLinkChanged(limits=limits):
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
        case LinkExpired(reason=reason):
            return replace(state, ended=reason)
        case _:
            assert_never(event)


DECIDER: Decider[State, Command, Event] = Decider(Absent(), decide, evolve)


def end_reason(state: State, at: datetime) -> EndReason | None:
    """Return why the link gives no use any more, or None while it may."""
    match state:
        case Absent():
            raise NotFound("link")
        case Link(limits=limits, consumed=consumed) if len(consumed) == limits.max_uses:
            return "consumed"
        case Link(ended=reason) if reason:
            return reason
        case Link(limits=limits):
            return "ttl" if at >= limits.expires_at else None


def opens(state: State, meeting_type_id: UUID) -> bool:
    """Tell whether the link leads to that meeting type, alive or not."""
    return isinstance(state, Link) and state.meeting_type_id == meeting_type_id


def link_state(state: State, at: datetime) -> LinkState:
    """Return the name of the link's state; `held` is one whose last use somebody holds."""
    match end_reason(state, at):
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


def _issue(command: IssueLink) -> list[Event]:
    limits = command.limits
    refuse_if_any(
        (*use_faults(limits), *deadline_faults(limits, command.at, command.minimum_seconds))
    )
    return [
        PrivateLinkIssued(
            organizer_id=command.organizer_id,
            meeting_type_id=command.meeting_type_id,
            limits=limits,
        )
    ]


def _change(link: Link, change: ChangeLink) -> list[Event]:
    if reason := end_reason(link, change.at):
        raise LinkEnded(reason)
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
    if reason := end_reason(link, at):
        raise LinkEnded(reason)
    if _is_full(link):
        raise LinkInUse
    return [LinkUseTaken(booking_id)]


def _consume(link: Link, booking_id: UUID, at: datetime) -> list[Event]:
    if booking_id in link.consumed:
        return []
    if link.ended in ("revoked", "type_deleted", "type_made_public"):
        raise LinkEnded(link.ended)
    if booking_id not in link.held:
        raise StateConflict("This booking holds no use of the link.")
    # A use that was taken in time may be consumed late: the deadline is about taking.
    expired = _passed_deadline(link, at)
    consumed = LinkUseConsumed(booking_id)
    if link.ended is None and not expired and len(link.consumed) + 1 == link.limits.max_uses:
        return [consumed, _expired(link, "consumed", at)]
    return [*expired, consumed]


def _end(link: Link, reason: EndReason, at: datetime) -> list[Event]:
    if link.ended is not None:
        return []
    return _passed_deadline(link, at) or [_expired(link, reason, at)]


def _passed_deadline(link: Link, at: datetime) -> list[Event]:
    """Return the expiry that a late sweeper has not written yet."""
    if link.ended is not None or at < link.limits.expires_at:
        return []
    return [_expired(link, "ttl", link.limits.expires_at)]


def _expired(link: Link, reason: EndReason, at: datetime) -> LinkExpired:
    return LinkExpired(meeting_type_id=link.meeting_type_id, reason=reason, expired_at=at)
