"""Rules on the store, alone and against the answers that clients got: I1, I2, I3, I10, I11."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime

from tests.checker.evidence import Evidence, SentCommand, Stored, Violation
from tests.checker.folding import BookingHistory, bookings, keys, period, streams

Slot = tuple[datetime, datetime]


def no_overlap(evidence: Evidence) -> Iterator[Violation]:
    """I1: at no moment do two confirmed bookings of an place overlap."""
    for (service, _), events in keys(evidence.stored).items():
        if service != "booking":
            continue
        active: dict[str, tuple[Slot, Stored]] = {}
        for event in events:
            match event.type:
                case "BookingConfirmed":
                    slot = period(event.data["slot"])
                case "BookingRescheduled":
                    slot = period(event.data["new"])
                case "BookingCancelled":
                    active.pop(event.stream, None)
                    continue
                case _:
                    continue
            for stream, (taken, other) in active.items():
                if stream != event.stream and taken[0] < slot[1] and slot[0] < taken[1]:
                    yield Violation("I1", "two confirmed bookings overlap", (other, event))
            active[event.stream] = slot, event


def acknowledged_is_stored(evidence: Evidence) -> Iterator[Violation]:
    """I2: what was acknowledged is stored once, what was refused never."""
    history = bookings(evidence.stored)
    by_email: dict[str, list[BookingHistory]] = defaultdict(list)
    for booking in history.values():
        if booking.confirmed:
            by_email[evidence.emails.get(booking.booking_id, "")].append(booking)
    for asked in evidence.asked:
        match asked.kind:
            case "book":
                yield from _booked(asked, by_email.get(asked.email, []))
            case "move":
                yield from _changed(asked, _moves(history.get(asked.booking_id or ""), asked))
            case "cancel":
                found = history.get(asked.booking_id or "")
                yield from _changed(asked, found.cancelled if found else [])
    wanted = {asked.email for asked in evidence.asked if asked.kind == "book"}
    for email, found_with in by_email.items():
        if email not in wanted:
            yield Violation("I2", f"nobody asked for a booking of {email!r}", tuple(found_with))


def _booked(asked: SentCommand, found: list[BookingHistory]) -> Iterator[Violation]:
    if len(found) > 1:
        yield Violation("I2", "one command made more than one booking", (asked, *found))
    elif asked.outcome == "refused" and found:
        yield Violation("I2", "a refused booking is in the store", (asked, *found))
    elif asked.outcome == "ok":
        if not found or found[0].booking_id != asked.booking_id:
            yield Violation("I2", "an acknowledged booking is not in the store", (asked, *found))
            return
        confirmed = found[0].confirmed
        if len(confirmed) != 1 or period(confirmed[0].data["slot"])[0] != asked.start:
            yield Violation("I2", "a booking is not what was acknowledged", (asked, *confirmed))


def _moves(found: BookingHistory | None, asked: SentCommand) -> list[Stored]:
    moved = found.moved if found else []
    return [each for each in moved if period(each.data["new"])[0] == asked.start]


def _changed(asked: SentCommand, events: list[Stored]) -> Iterator[Violation]:
    if asked.outcome == "ok" and len(events) != 1:
        yield Violation(
            "I2", f"an acknowledged {asked.kind} is stored {len(events)} times", (asked, *events)
        )
    elif asked.outcome == "refused" and events:
        yield Violation("I2", f"a refused {asked.kind} is in the store", (asked, *events))
    elif len(events) > 1:
        yield Violation("I2", f"one {asked.kind} is stored more than once", (asked, *events))


def contiguous(evidence: Evidence) -> Iterator[Violation]:
    """I3: versions of a stream and sequences of a key count 1, 2, 3."""
    for place, events in streams(evidence.stored).items():
        if [each.version for each in events] != list(range(1, len(events) + 1)):
            yield Violation("I3", f"the versions of {place} are not contiguous", tuple(events))
    for place, events in keys(evidence.stored).items():
        if [each.sequence for each in events] != list(range(1, len(events) + 1)):
            yield Violation("I3", f"the sequences of {place} are not contiguous", tuple(events))


def links_are_limited(evidence: Evidence) -> Iterator[Violation]:
    """I10: a link is used no more often than it says, and no use is taken after its deadline."""
    used: dict[str, list[Stored]] = defaultdict(list)
    for booking in bookings(evidence.stored).values():
        if booking.link_id:
            used[booking.link_id].extend(booking.confirmed)
    for (_, stream), events in streams(evidence.stored).items():
        if stream.startswith("private_link-"):
            yield from _link(stream.partition("-")[2], events, used)


def _link(link_id: str, events: list[Stored], used: dict[str, list[Stored]]) -> Iterator[Violation]:
    limits = events[0].data["limits"]
    consumed = [each for each in events if each.type == "LinkUseConsumed"]
    limit = limits["max_uses"]
    if limit is not None and max(len(consumed), len(used[link_id])) > limit:
        yield Violation("I10", f"a link for {limit} was used more often", tuple(used[link_id]))
    uses = Counter(each.data["booking_id"] for each in consumed)
    if uses != Counter(each.subject for each in used[link_id]):
        yield Violation("I10", "uses and bookings of a link differ", (*consumed, *used[link_id]))
    for event in events:
        if event.type == "PrivateLinkChanged":
            limits = event.data["limits"]
        late = event.time >= datetime.fromisoformat(limits["expires_at"])
        if event.type == "LinkUseTaken" and late:
            yield Violation("I10", "a use was taken after the link's deadline", (event,))


def none_when_denied(evidence: Evidence) -> Iterator[Violation]:
    """I11: nothing is confirmed while the policy denies the place."""
    for (service, _), events in keys(evidence.stored).items():
        if service != "booking":
            continue
        denied: Stored | None = None
        for event in events:
            if event.type in ("PageDenied", "PageAllowed"):
                denied = event if event.type == "PageDenied" else None
            elif event.type == "BookingConfirmed" and denied is not None:
                yield Violation("I11", "a booking was confirmed under a denial", (denied, event))
