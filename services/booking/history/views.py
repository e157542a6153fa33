"""A booking through time: its entries in words, its steps, how it stood at an instant."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from services.booking.attendees.erasure_records import ErasureOfBooking, erasures_of
from services.booking.attendees.records import AttendeeRecord
from services.booking.bookings.context import BookingContext, load_booking
from services.booking.bookings.streams import BOOKING
from services.booking.bookings.views import BookingView, view_of
from services.booking.domain import booking
from services.booking.domain.refusals import Invalid, NotFound
from services.booking.domain.slot import Slot
from services.booking.history.records import StoredEvent, stored_events, verdict_at
from services.booking.history.rules import Rule, rule_of
from services.booking.history.words import in_words
from services.booking.meeting_types.streams import MEETING_TYPE
from services.chassis.events.streams import Aggregate, Stream
from services.chassis.ids import parse_id
from services.chassis.postgres.database import Connection

By = Literal["attendee", "organizer", "administrator", "calendar", "retention", "system"]
# Who causes an event, by the word of its cause; whoever books is a visitor until then.
_BY: dict[str, By] = {
    "attendee": "attendee",
    "visitor": "attendee",
    "organizer": "organizer",
    "administrator": "administrator",
    "calendar": "calendar",
}

BookingEvents = Sequence[StoredEvent[booking.Event]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who did it; `id` is the account of who was signed in."""

    by: By
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """The time of the meeting, and another one."""

    old: Slot
    new: Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Who did what, when and why; the words of why are the attendee's record's.

    `happened` is the event itself, for whoever says it in another language; None for an erasure.
    """

    event: str
    version: int | None
    at: datetime
    actor: Actor
    what: str
    why: str | None = None
    happened: booking.Event | None = None

    @property
    def move(self) -> Move | None:
        """Return from when to when the meeting was moved, or was to be; None for another event."""
        match self.happened:
            case (
                booking.BookingRescheduled(old=old, new=new)
                | booking.RequestRescheduled(old=old, new=new)
            ):
                return Move(old, new)
            case (
                booking.RescheduleApprovalRequested(slot=old, wanted=new)
                | booking.RescheduleDeclined(slot=old, wanted=new)
            ):
                return Move(old, new)
            case _:
                return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An event with the state before and after it, and the rule that allowed it."""

    version: int
    event: str
    at: datetime
    actor: Actor
    command: str | None
    rule: Rule | None
    before: booking.State
    after: booking.State
    happened: booking.Event


async def view_history(connection: Connection, booking_id: UUID) -> Sequence[Entry]:
    """Return what has happened to the booking, oldest first; raise NotFound."""
    context = await load_booking(connection, booking_id)
    events = await stored_events(connection, BOOKING.stream(booking_id))
    erased = await erasures_of(connection, booking_id)
    entries = [
        Entry(
            event=type(each.event).__name__,
            version=each.version,
            at=each.at,
            actor=_actor(each),
            what=in_words(each.event),
            why=_why(events, number, context.attendee),
            happened=each.event,
        )
        for number, each in enumerate(events)
    ]
    return sorted([*entries, *map(_erasure, erased)], key=lambda entry: entry.at)


async def view_steps(connection: Connection, booking_id: UUID) -> Sequence[Step]:
    """Return each event with the states around it, as the decider computes them."""
    events = await stored_events(connection, BOOKING.stream(booking_id))
    if not events:
        raise NotFound("booking")
    steps, state, decided_on = [], booking.DECIDER.initial, booking.DECIDER.initial
    for number, each in enumerate(events):
        if number == 0 or events[number - 1].at != each.at:
            decided_on = state
        together = {type(other.event) for other in events if other.at == each.at}
        after = booking.DECIDER.evolve(state, each.event)
        steps.append(
            Step(
                version=each.version,
                event=type(each.event).__name__,
                at=each.at,
                actor=_actor(each),
                command=each.command,
                rule=rule_of(decided_on, each.event, each.command, together),
                before=state,
                after=after,
                happened=each.event,
            )
        )
        state = after
    return steps


async def view_at(connection: Connection, booking_id: UUID, at: datetime) -> BookingView:
    """Return the booking as it stood at the instant; raise NotFound before it was there."""
    context = await load_booking(connection, booking_id)
    if at > context.now:
        raise Invalid.at("/query/as_of", "Must not be in the future.")
    then = await _aggregate_at(connection, BOOKING.stream(booking_id), at)
    if then.version == 0:
        raise NotFound("booking")
    start = booking.slot_of(then.state).start
    return view_of(
        replace(
            context,
            booking=then,
            meeting_type=await _aggregate_at(
                connection, MEETING_TYPE.stream(context.owner.meeting_type_id), at
            ),
            verdict=await verdict_at(connection, booking_id, start, at),
            attendee=_attendee_at(context, then.state, at),
            now=at,
        )
    )


async def _aggregate_at(
    connection: Connection, stream: Stream[Any, Any, Any], at: datetime
) -> Aggregate[Any, Any, Any]:
    past = [each for each in await stored_events(connection, stream) if each.at <= at]
    state = stream.category.decider.fold(each.event for each in past)
    return Aggregate(stream, past[-1].version if past else 0, state)


def _attendee_at(
    context: BookingContext, state: booking.State, at: datetime
) -> AttendeeRecord | None:
    """Return the attendee as they are recorded now, with the reason that was given by then."""
    match state:
        case booking.Vacant() | booking.Held(verified=None) | booking.Released():
            return None
        case _ if context.attendee is None:
            return None
        case _:
            pass
    said = [each.reason for each in context.attendee.reasons if each.at <= at]
    return replace(context.attendee, change_reason=said[-1] if said else None, move_reason=None)


def _why(events: BookingEvents, number: int, attendee: AttendeeRecord | None) -> str | None:
    """Return the words that were given with the event: with the last one of several."""
    at = events[number].at
    if attendee is None or any(later.at == at for later in events[number + 1 :]):
        return None
    return next((each.reason for each in attendee.reasons if each.at == at), None)


def _actor(stored: StoredEvent[booking.Event]) -> Actor:
    """Return who did it: the event itself says whose change it is, the cause which account."""
    kind, _, account = stored.actor.partition(":")
    by = _BY.get(getattr(stored.event, "by", None) or kind, "system")
    return Actor(by=by, id=parse_id(account) if account and _BY.get(kind) == by else None)


def _erasure(erased: ErasureOfBooking) -> Entry:
    return Entry(
        event="DataErased",
        version=None,
        at=erased.erased_at,
        actor=Actor(by=erased.by),
        what="The attendee's personal data was erased.",
    )
