"""A booking's history and steps as the API gives them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field, TypeAdapter

from services.booking.bookings.schemas import PendingMoveResponse
from services.booking.domain import booking
from services.booking.domain.slot import Party, Slot
from services.booking.history.rules import Rule
from services.booking.history.views import Actor, By, Entry, Step

_STATE: TypeAdapter[booking.State] = TypeAdapter(booking.State)


class ActorResponse(BaseModel):
    """Who did it; the account is for the organizer only."""

    by: By
    id: UUID | None


class TimeResponse(BaseModel):
    """A time of the meeting."""

    start: datetime
    end: datetime


class EntryResponse(BaseModel):
    """Who did what, when and why; `why` is gone once the attendee is erased.

    `from` and `to` are there where the meeting was moved, or was asked to be.
    """

    event: str
    version: int | None = Field(description="Null for what is no change of the booking itself.")
    at: datetime
    actor: ActorResponse
    what: str
    why: str | None
    from_: TimeResponse | None = Field(serialization_alias="from")
    to: TimeResponse | None


class HistoryResponse(BaseModel):
    """What has happened to a booking, oldest first."""

    items: list[EntryResponse]


class StateResponse(BaseModel):
    """A state of the booking; `data` is all of it, for the organizer only."""

    name: str
    status: str | None
    start: datetime | None
    end: datetime | None
    hold_expires_at: datetime | None
    pending_move: PendingMoveResponse | None
    release_reason: str | None
    data: Any = None


class RuleResponse(BaseModel):
    """The rule that allowed an event, by its name in the code and in words."""

    name: str
    text: str


class StepResponse(BaseModel):
    """An event with the state before and after it, the rule that allowed it and the actor."""

    version: int
    event: str
    at: datetime
    actor: ActorResponse
    command: str | None = Field(description="Null for what was stored before commands were.")
    rule: RuleResponse | None
    before: StateResponse
    after: StateResponse


class StepsResponse(BaseModel):
    """A booking's events one by one."""

    items: list[StepResponse]


def entry_response(entry: Entry, to: Party) -> EntryResponse:
    """Return the entry as that party may see it."""
    return EntryResponse(
        event=entry.event,
        version=entry.version,
        at=entry.at,
        actor=_actor(entry.actor, to),
        what=entry.what,
        why=entry.why,
        from_=entry.move and _time(entry.move.old),
        to=entry.move and _time(entry.move.new),
    )


def step_response(step: Step, to: Party) -> StepResponse:
    """Return the step as that party may see it."""
    return StepResponse(
        version=step.version,
        event=step.event,
        at=step.at,
        actor=_actor(step.actor, to),
        command=step.command,
        rule=_rule(step.rule),
        before=_state(step.before, step.at, to),
        after=_state(step.after, step.at, to),
    )


def _time(slot: Slot) -> TimeResponse:
    return TimeResponse(start=slot.start, end=slot.end)


def _actor(actor: Actor, to: Party) -> ActorResponse:
    return ActorResponse(by=actor.by, id=actor.id if to == "organizer" else None)


def _rule(rule: Rule | None) -> RuleResponse | None:
    return RuleResponse(name=rule.name, text=rule.text) if rule else None


def _state(state: booking.State, at: datetime, to: Party) -> StateResponse:
    is_vacant = isinstance(state, booking.Vacant)
    slot = None if is_vacant else booking.slot_of(state)
    move = booking.pending_move(state, at)
    return StateResponse(
        name=type(state).__name__,
        status=None if is_vacant else booking.status(state, at),
        start=slot and slot.start,
        end=slot and slot.end,
        hold_expires_at=state.expires_at if isinstance(state, booking.Held) else None,
        pending_move=move
        and PendingMoveResponse(
            start=move.slot.start,
            end=move.slot.end,
            expires_at=move.expires_at,
            awaits_approval=move.awaits_approval,
        ),
        release_reason=booking.release_reason(state, at),
        data=_STATE.dump_python(state, mode="json") if to == "organizer" else None,
    )
