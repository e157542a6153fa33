"""A booking's history in the reader's language: a phrase for each kind of event."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.booking.domain import booking
from services.booking.domain.slot import Slot
from services.booking.history.views import Actor, Entry
from services.chassis.web.clock import Clock

# The key of a phrase and what stands in its places.
Said = tuple[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """What has happened, when, by whom; `why` are the words that were given."""

    what: str
    at: str
    by: str
    why: str


def history_line(entry: Entry, clock: Clock) -> HistoryLine:
    """Return the entry in words."""
    return HistoryLine(
        what=what_happened(entry.happened, clock),
        at=clock.moment(entry.at),
        by=actor_key(entry.actor),
        why=entry.why or "",
    )


def actor_key(actor: Actor) -> str:
    """Return the key of the phrase for who did it."""
    return f"happened.by.{actor.by}"


def what_happened(event: booking.Event | None, clock: Clock) -> str:
    """Return the event in a sentence; without one the attendee's data was erased."""
    key, facts = _SAID[type(event)](event, clock) if event else ("happened.erased", {})
    return clock.reader.language.say(key, **facts)


def _reserved(event: booking.SlotReserved, clock: Clock) -> Said:
    facts = {"time": _time(event.slot, clock), "until": clock.moment(event.expires_at)}
    return ("happened.held_new" if event.purpose == "reschedule" else "happened.held"), facts


def _released(event: booking.SlotReleased, _: Clock) -> Said:
    of = "new" if event.purpose == "reschedule" else "time"
    return f"happened.released_{of}.{event.reason}", {}


def _extended(event: booking.HoldExtended, clock: Clock) -> Said:
    return "happened.extended", {"until": clock.moment(event.expires_at)}


def _verification(event: booking.VerificationRequested, clock: Clock) -> Said:
    return "happened.verification", {"until": clock.moment(event.expires_at)}


def _verified(_: booking.AddressVerified, __: Clock) -> Said:
    return "happened.verified", {}


def _lapsed(event: booking.BookingLapsed, _: Clock) -> Said:
    return f"happened.lapsed.{event.reason}", {}


def _requested(event: booking.BookingRequested, clock: Clock) -> Said:
    facts = {"time": _time(event.slot, clock), "until": clock.moment(event.expires_at)}
    return "happened.requested", facts


def _declined(event: booking.BookingDeclined, clock: Clock) -> Said:
    return f"happened.declined.{event.reason}", {"time": _time(event.slot, clock)}


def _request_moved(event: booking.RequestRescheduled, clock: Clock) -> Said:
    facts = {"old": _time(event.old, clock), "new": _time(event.new, clock)}
    return "happened.request_moved", facts


def _confirmed(event: booking.BookingConfirmed, clock: Clock) -> Said:
    key = "happened.approved" if event.approved_by else "happened.confirmed"
    return key, {"time": _time(event.slot, clock)}


def _move_requested(event: booking.RescheduleApprovalRequested, clock: Clock) -> Said:
    facts = {"old": _time(event.slot, clock), "new": _time(event.wanted, clock)}
    return "happened.move_requested", facts


def _move_declined(event: booking.RescheduleDeclined, clock: Clock) -> Said:
    facts = {"old": _time(event.slot, clock), "new": _time(event.wanted, clock)}
    return f"happened.move_declined.{event.reason}", facts


def _rescheduled(event: booking.BookingRescheduled, clock: Clock) -> Said:
    facts = {"old": _time(event.old, clock), "new": _time(event.new, clock)}
    return "happened.moved", facts


def _asked_to_move(_: booking.RescheduleRequested, __: Clock) -> Said:
    return "happened.asked_to_move", {}


def _details(event: booking.BookingDetailsChanged, clock: Clock) -> Said:
    say = clock.reader.language.say
    changed = ", ".join(say(f"happened.detail.{each}") for each in event.changed)
    return "happened.details", {"changed": changed}


def _cancelled(event: booking.BookingCancelled, clock: Clock) -> Said:
    return "happened.cancelled", {"time": _time(event.slot, clock)}


def _time(slot: Slot, clock: Clock) -> str:
    return clock.when(slot.start, slot.end)


# Each takes its own kind of event; a test holds that none is left out.
_SAID: Mapping[type[Any], Callable[[Any, Clock], Said]] = {
    booking.SlotReserved: _reserved,
    booking.SlotReleased: _released,
    booking.HoldExtended: _extended,
    booking.VerificationRequested: _verification,
    booking.AddressVerified: _verified,
    booking.BookingLapsed: _lapsed,
    booking.BookingRequested: _requested,
    booking.BookingDeclined: _declined,
    booking.RequestRescheduled: _request_moved,
    booking.BookingConfirmed: _confirmed,
    booking.RescheduleApprovalRequested: _move_requested,
    booking.RescheduleDeclined: _move_declined,
    booking.BookingRescheduled: _rescheduled,
    booking.RescheduleRequested: _asked_to_move,
    booking.BookingDetailsChanged: _details,
    booking.BookingCancelled: _cancelled,
}
