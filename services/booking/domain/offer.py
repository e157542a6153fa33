"""An offer: times that an organizer offers one person, behind one single-use private link.

It ends with its link, whose stream says why; only taking it back is the offer's own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

from services.booking.domain.refusals import (
    EndReason,
    Fault,
    NotFound,
    Refusal,
    SlotNotOffered,
    StateConflict,
    refuse_if_any,
)
from services.booking.domain.slot import Notice, Slot, reasons_against
from services.chassis.events.decider import Decider

MOST_TIMES = 20

TimeState = Literal["open", "held", "taken", "booked", "expired"]
OfferState = Literal["open", "booked", "expired", "withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeOffer:
    """Offer the times; `held` is whether nobody else can book them meanwhile.

    `notice` binds who is offered them, as any attendee.
    """

    organizer_id: UUID
    meeting_type_id: UUID
    link_id: UUID
    slots: tuple[Slot, ...]
    held: bool
    expires_at: datetime
    notice: Notice
    at: datetime


@dataclass(frozen=True, slots=True)
class WithdrawOffer:
    """Take the offer back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferMade:
    """Times are offered; whom they are for is in no event."""

    organizer_id: UUID
    meeting_type_id: UUID
    link_id: UUID
    slots: tuple[Slot, ...]
    held: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferWithdrawn:
    """The times are not offered any more."""

    meeting_type_id: UUID
    link_id: UUID


@dataclass(frozen=True, slots=True)
class Absent:
    """No offer has this id yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The times that are offered, or were."""

    organizer_id: UUID
    meeting_type_id: UUID
    link_id: UUID
    slots: tuple[Slot, ...]
    held: bool
    expires_at: datetime
    withdrawn: bool = False


class OfferedTimesNotFree(SlotNotOffered):
    """Nobody could book some of the times that are to be offered; `places` are theirs in the list.

    `nearest` are times around the first of them that could be offered.
    """

    def __init__(self, places: tuple[int, ...], nearest: tuple[Slot, ...]) -> None:
        super().__init__()
        Refusal.__init__(
            self, "Some of these times are not free in your calendar. Offer other ones."
        )
        self.places = places
        self.nearest = nearest


Command = MakeOffer | WithdrawOffer
Event = OfferMade | OfferWithdrawn
State = Absent | Offer


def decide(state: State, command: Command) -> Sequence[Event]:
    """Return the events that the command causes; raise if a rule forbids it."""
    match state, command:
        case Absent(), MakeOffer() as make:
            return [_make(make)]
        case Absent(), WithdrawOffer():
            raise NotFound("offer")
        case Offer(withdrawn=True), WithdrawOffer():
            return []
        case Offer() as offer, WithdrawOffer():
            return [OfferWithdrawn(meeting_type_id=offer.meeting_type_id, link_id=offer.link_id)]
        case _:
            raise StateConflict("This offer exists already.")


def evolve(state: State, event: Event) -> State:
    """Return the state after the event; history is never refused."""
    match event:
        case OfferMade():
            return Offer(
                organizer_id=event.organizer_id,
                meeting_type_id=event.meeting_type_id,
                link_id=event.link_id,
                slots=event.slots,
                held=event.held,
                expires_at=event.expires_at,
            )
        case OfferWithdrawn():
            return replace(state, withdrawn=True) if isinstance(state, Offer) else state
        case _:
            assert_never(event)


def held_until(slot: Slot, expires_at: datetime) -> datetime:
    """Return the moment up to which an offer holds the slot: never past its beginning."""
    return min(expires_at, slot.start)


def offer_state(offer: Offer, ended: EndReason | None) -> OfferState:
    """Return the name of the offer's state; `ended` is why its link gives no use any more."""
    if ended == "consumed":
        return "booked"
    if offer.withdrawn or ended in ("revoked", "type_deleted", "type_made_public"):
        return "withdrawn"
    return "expired" if ended else "open"


def time_state(
    slot: Slot, state: OfferState, at: datetime, *, booked: bool, held: bool, taken: bool
) -> TimeState:
    """Return the name of the state of one offered time.

    `booked` is whether the offer's booking is at that time, `held` whether the time is kept for
    whoever has the link, `taken` whether it belongs to somebody else.
    """
    if booked:
        return "booked"
    if state != "open" or slot.start <= at:
        return "expired"
    if taken:
        return "taken"
    return "held" if held else "open"


def _make(make: MakeOffer) -> OfferMade:
    refuse_if_any(_faults(make))
    return OfferMade(
        organizer_id=make.organizer_id,
        meeting_type_id=make.meeting_type_id,
        link_id=make.link_id,
        slots=make.slots,
        held=make.held,
        expires_at=make.expires_at,
    )


_UNBOOKABLE = {
    "in_the_past": "Must be in the future.",
    "minimum_lead": "Nobody can book this time: it is too soon for this meeting.",
    "horizon": "Nobody can book this time yet: it is too far ahead for this meeting.",
}


def _faults(make: MakeOffer) -> Iterator[Fault]:
    if not 1 <= len(make.slots) <= MOST_TIMES:
        yield Fault("/starts", f"Must be 1 to {MOST_TIMES} times.")
    seen = set[datetime]()
    for place, slot in enumerate(make.slots):
        for reason in reasons_against(slot, "attendee", make.at, make.notice):
            yield Fault(f"/starts/{place}", _UNBOOKABLE[reason])
        if slot.start in seen:
            yield Fault(f"/starts/{place}", "Must be named once.")
        seen.add(slot.start)


DECIDER: Decider[State, Command, Event] = Decider(Absent(), decide, evolve)
