"""Which command is possible on a private link, and which state follows from an event."""

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from services.booking.domain.private_link import ending, issuing, uses
from services.booking.domain.private_link.ending import (
    EndLink,
    EraseAddressee,
    ExpireLink,
    LinkExpired,
    RevokeLink,
)
from services.booking.domain.private_link.issuing import (
    ChangeLink,
    IssueLink,
    PrivateLinkChanged,
    PrivateLinkIssued,
)
from services.booking.domain.private_link.states import Absent, Link, State
from services.booking.domain.private_link.uses import (
    ConsumeUse,
    LinkUseConsumed,
    LinkUseReturned,
    LinkUseTaken,
    ReturnUse,
    TakeUse,
)
from services.booking.domain.refusals import NotFound, StateConflict
from services.chassis.events.decider import Decider

Command = (
    IssueLink
    | ChangeLink
    | TakeUse
    | ReturnUse
    | ConsumeUse
    | RevokeLink
    | ExpireLink
    | EndLink
    | EraseAddressee
)
Event = (
    PrivateLinkIssued
    | PrivateLinkChanged
    | LinkUseTaken
    | LinkUseReturned
    | LinkUseConsumed
    | LinkExpired
)


def decide(state: State, command: Command) -> Sequence[Event]:  # noqa: C901 -- a row, a branch
    """Return the events that the command causes; raise if a rule forbids it."""
    match state, command:
        case Absent(), IssueLink() as issue:
            return [issuing.issue(issue)]
        case Absent(), _:
            raise NotFound("link")
        case Link() as link, ChangeLink() as change:
            return issuing.change(link, change)
        case Link() as link, TakeUse() as take:
            return uses.take(link, take)
        case Link() as link, ReturnUse() as give_back:
            return uses.give_back(link, give_back)
        case Link() as link, ConsumeUse() as consume:
            return uses.consume(link, consume)
        case Link() as link, RevokeLink(at):
            return ending.end(link, "revoked", at)
        case Link() as link, EndLink(reason, at):
            return ending.end(link, reason, at)
        case Link() as link, EraseAddressee() as erase:
            return issuing.erase_addressee(link, erase)
        case Link() as link, ExpireLink(at):
            return ending.expire(link, at)
        case _:
            raise StateConflict("This link exists already.")


def evolve(state: State, event: Event) -> State:
    """Return the state after the event; history is never refused."""
    if isinstance(event, PrivateLinkIssued):
        return Link(
            organizer_id=event.organizer_id,
            meeting_type_id=event.meeting_type_id,
            limits=event.limits,
            offer_id=event.offer_id,
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
            held, consumed = state.held - {booking_id}, state.consumed | {booking_id}
            return replace(state, held=held, consumed=consumed)
        case LinkExpired(reason=reason):
            return replace(state, ended=reason)
        case _:
            assert_never(event)


DECIDER: Decider[State, Command, Event] = Decider(Absent(), decide, evolve)
