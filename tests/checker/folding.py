"""The state of each booking from its stored events, without any code of the services."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from tests.checker.evidence import Claim, Stored


@dataclass(slots=True)
class BookingHistory:
    """A booking's state after its stored events."""

    booking_id: str
    organizer_id: str = ""
    status: str = "vacant"
    slot: tuple[datetime, datetime] | None = None
    link_id: str | None = None
    taken: set[tuple[datetime, datetime]] = field(default_factory=set)
    confirmed: list[Stored] = field(default_factory=list)
    moved: list[Stored] = field(default_factory=list)
    cancelled: list[Stored] = field(default_factory=list)

    @property
    def claims(self) -> set[Claim]:
        """The times that the booking takes in the end."""
        return {Claim(self.booking_id, start, end) for start, end in self.taken}

    @property
    def announced(self) -> list[Stored]:
        """The events that both parties get a letter about."""
        return [*self.confirmed, *self.moved, *self.cancelled]


def period(held: dict[str, str]) -> tuple[datetime, datetime]:
    """Return a stored slot as instants."""
    return datetime.fromisoformat(held["start"]), datetime.fromisoformat(held["end"])


def bookings(stored: Iterable[Stored]) -> dict[str, BookingHistory]:
    """Fold every booking."""
    found: dict[str, BookingHistory] = {}
    for event in sorted(_of_bookings(stored), key=lambda each: (each.stream, each.version)):
        history = found.setdefault(event.subject, BookingHistory(event.subject, event.key))
        _fold(history, event)
    return found


def streams(stored: Iterable[Stored]) -> dict[tuple[str, str], list[Stored]]:
    """Return the events by service and stream, in the order of their versions."""
    found: dict[tuple[str, str], list[Stored]] = defaultdict(list)
    for event in sorted(stored, key=lambda each: each.version):
        found[event.service, event.stream].append(event)
    return found


def keys(stored: Iterable[Stored]) -> dict[tuple[str, str], list[Stored]]:
    """Return the events by service and key, in the order of their sequences."""
    found: dict[tuple[str, str], list[Stored]] = defaultdict(list)
    for event in sorted(stored, key=lambda each: each.sequence):
        found[event.service, event.key].append(event)
    return found


def _of_bookings(stored: Iterable[Stored]) -> Iterator[Stored]:
    return (each for each in stored if each.stream.startswith("booking-"))


def _fold(history: BookingHistory, event: Stored) -> None:
    data = event.data
    match event.type:
        case "SlotReserved":
            history.taken.add(period(data["slot"]))
            if data["purpose"] == "new":
                history.status, history.slot = "held", period(data["slot"])
                history.link_id = data["link_id"]
        case "SlotReleased":
            history.taken.discard(period(data["slot"]))
            if data["purpose"] == "new":
                history.status = "released"
        case "BookingConfirmed":
            history.status, history.slot = "confirmed", period(data["slot"])
            history.taken.add(period(data["slot"]))
            history.confirmed.append(event)
        case "BookingRescheduled":
            history.slot = period(data["new"])
            history.taken.discard(period(data["old"]))
            history.taken.add(period(data["new"]))
            history.moved.append(event)
        case "BookingCancelled":
            history.status = "cancelled"
            history.taken.clear()
            history.cancelled.append(event)
