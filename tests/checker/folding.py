"""The history of each booking, folded here anew: it shares no line with the product's own folds."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from tests.checker.evidence import Claim, Stored


@dataclass(slots=True)
class Told:
    """What a booking's stored events come to."""

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


def bookings(stored: Iterable[Stored]) -> dict[str, Told]:
    """Fold every booking."""
    found: dict[str, Told] = {}
    for event in sorted(_of_bookings(stored), key=lambda each: (each.stream, each.version)):
        told = found.setdefault(event.subject, Told(event.subject, event.key))
        _fold(told, event)
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


def _fold(told: Told, event: Stored) -> None:
    data = event.data
    match event.type:
        case "SlotReserved":
            told.taken.add(period(data["slot"]))
            if data["purpose"] == "new":
                told.status, told.slot = "held", period(data["slot"])
                told.link_id = data["link_id"]
        case "SlotReleased":
            told.taken.discard(period(data["slot"]))
            if data["purpose"] == "new":
                told.status = "released"
        case "BookingConfirmed":
            told.status, told.slot = "confirmed", period(data["slot"])
            told.taken.add(period(data["slot"]))
            told.confirmed.append(event)
        case "BookingRescheduled":
            told.slot = period(data["new"])
            told.taken.discard(period(data["old"]))
            told.taken.add(period(data["new"]))
            told.moved.append(event)
        case "BookingCancelled":
            told.status = "cancelled"
            told.taken.clear()
            told.cancelled.append(event)
