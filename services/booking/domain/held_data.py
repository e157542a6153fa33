"""What is held about a person in one place: asked for by the person, erased for good.

The place is the record of a booking's attendee, or a private link that is addressed to them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, assert_never
from uuid import UUID

from services.chassis.events.decider import Decider

Eraser = Literal["attendee", "administrator", "retention"]

# Who asks need not be the person: a mailbox must not be filled with our mails.
MOST_REQUESTS = 3
IN = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestData:
    """Ask for a link that shows what is held, mailed to the person's own address."""

    request_id: UUID
    expires_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseData:
    """Erase what is held about the person with a booking, or with a link that ends with that."""

    booking_id: UUID | None = None
    link_id: UUID | None = None
    link_ends: bool = False
    erasure_id: UUID
    by: Eraser
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRequested:
    """A link is mailed that shows what is held, until it expires."""

    request_id: UUID
    requested_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DataErased:
    """Nothing is held about the person any more; a booking stays, a link to nobody else ends."""

    booking_id: UUID | None = None
    link_id: UUID | None = None
    link_ends: bool = False
    erasure_id: UUID
    by: Eraser
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The attendee's data is there, or will be; `requests` are the newest ones, oldest first."""

    requests: tuple[DataRequested, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """The attendee's data is gone."""

    erasure_id: UUID
    requests: tuple[DataRequested, ...] = ()


State = Kept | Erased
Command = RequestData | EraseData
Event = DataRequested | DataErased


def decide(state: State, command: Command) -> Sequence[Event]:
    """Return the events that the command causes; who asks is never told more than that."""
    match state, command:
        case Erased(), _:
            return []
        case Kept(requests=requests), RequestData():
            return [] if _is_enough(requests, command) else [_requested(command)]
        case Kept(), EraseData():
            return [
                DataErased(
                    booking_id=command.booking_id,
                    link_id=command.link_id,
                    link_ends=command.link_ends,
                    erasure_id=command.erasure_id,
                    by=command.by,
                    at=command.at,
                )
            ]


def evolve(state: State, event: Event) -> State:
    """Return the state after the event; history is never refused."""
    match event:
        case DataRequested():
            return replace(state, requests=(*state.requests, event)[-MOST_REQUESTS:])
        case DataErased():
            return Erased(erasure_id=event.erasure_id, requests=state.requests)
        case _:
            assert_never(event)


def opens(state: State, request_id: UUID, at: datetime) -> bool:
    """Tell whether the link of that request shows anything now: a newer one takes its place."""
    newest = state.requests[-1] if state.requests else None
    return newest is not None and newest.request_id == request_id and at < newest.expires_at


def _requested(command: RequestData) -> DataRequested:
    return DataRequested(
        request_id=command.request_id, requested_at=command.at, expires_at=command.expires_at
    )


def _is_enough(requests: tuple[DataRequested, ...], command: RequestData) -> bool:
    if any(each.request_id == command.request_id for each in requests):
        return True  # the same request once more
    recent = [each for each in requests if each.requested_at > command.at - IN]
    return len(recent) >= MOST_REQUESTS


DECIDER: Decider[State, Command, Event] = Decider(Kept(), decide, evolve)
