"""Rules on what the events have caused: read models, mail, an idle end: I7, I8, I9, I14."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from tests.checker.evidence import Booked, Claim, Delivery, Evidence, Letter, Violation
from tests.checker.folding import BookingHistory, bookings

QUIET_SECONDS = 30.0
# How many mails a notifier may have in hand when it is killed.
SENDERS = 4
KINDS = {
    "BookingConfirmed": "confirmation",
    "BookingRescheduled": "change",
    "BookingCancelled": "cancellation",
}

ExpectedLetter = tuple[str, int, str, str]


def read_models_are_folds(evidence: Evidence) -> Iterator[Violation]:
    """I7: read models say what the history comes to."""
    history = bookings(evidence.stored)
    rows = {each.booking_id: each for each in evidence.booked}
    for booking in history.values():
        row = rows.pop(booking.booking_id, None)
        wanted = Booked(booking.booking_id, booking.status, *(booking.slot or ()))
        if row != wanted:
            yield Violation("I7", "booking's row is not the history", (row, wanted))
    for row in rows.values():
        yield Violation("I7", "booking has a row that no history explains", (row,))
    claims = {claim for each in history.values() for claim in each.claims}
    yield from _same("booking", claims, evidence.booking_claims)
    yield from _same("availability", claims, evidence.availability_claims)


def _same(service: str, wanted: set[Claim], found: Iterable[Claim]) -> Iterator[Violation]:
    missing, surplus = wanted - set(found), set(found) - wanted
    if missing:
        words = f"{service} does not know of {len(missing)} taken times"
        yield Violation("I7", words, tuple(sorted(missing)))
    if surplus:
        words = f"{service} thinks {len(surplus)} times taken that are not"
        yield Violation("I7", words, tuple(sorted(surplus)))


def each_letter_arrives(evidence: Evidence) -> Iterator[Violation]:
    """I8: each letter that is expected arrives under its one Message-ID, and no other does."""
    history = bookings(evidence.stored)
    expected = _expected(history.values())
    known = {_key(each): each for each in evidence.deliveries}
    arrived: dict[ExpectedLetter, list[Letter]] = defaultdict(list)
    for letter in evidence.letters:
        arrived[_named(letter)].append(letter)
    for key, addressee in expected.items():
        delivery = known.pop(key, None)
        yield from _delivered(key, delivery, arrived.pop(key, []), history[key[0]])
        if delivery is None:
            yield Violation("I8", f"nobody knows that {key} is expected to {addressee}")
    for delivery in known.values():
        yield Violation("I8", "a letter is expected that no event explains", (delivery,))
    for letters in arrived.values():
        yield Violation("I8", "a mail that no event explains", tuple(letters))
    yield from _addresses(evidence, expected)
    yield from _copies(evidence)


def _expected(history: Iterable[BookingHistory]) -> dict[ExpectedLetter, str]:
    return {
        (each.booking_id, event.data["ics_sequence"], recipient, KINDS[event.type]): recipient
        for each in history
        for event in each.announced
        for recipient in ("attendee", "organizer")
    }


def _delivered(
    key: ExpectedLetter, delivery: Delivery | None, letters: list[Letter], booking: BookingHistory
) -> Iterator[Violation]:
    state = delivery.state if delivery else "unknown"
    newest = max(event.data["ics_sequence"] for event in booking.announced)
    if state == "overtaken" and key[1] == newest:
        yield Violation("I8", "the newest letter counts as overtaken", (delivery,))
    elif state != "overtaken" and not letters:
        yield Violation("I8", f"a letter that is {state} has not arrived", (key,))
    elif state not in ("sent", "overtaken", "unknown"):
        yield Violation("I8", f"a letter is still {state}", (delivery, *letters))


def _addresses(evidence: Evidence, expected: dict[ExpectedLetter, str]) -> Iterator[Violation]:
    """Whoever was refused hears nothing, and letters go to whom they name."""
    refused = {each.email for each in evidence.asked if each.kind == "book"} - set(
        evidence.emails.values()
    )
    for letter in evidence.letters:
        if refused & set(letter.to):
            yield Violation("I8", "somebody who has no booking has mail", (letter,))
        booking_id, _, recipient, _ = _named(letter)
        if recipient == "attendee" and letter.to != (evidence.emails.get(booking_id),):
            yield Violation("I8", "an attendee's letter went to somebody else", (letter,))


def _copies(evidence: Evidence) -> Iterator[Violation]:
    copies = Counter(each.message_id for each in evidence.letters)
    again = sum(count - 1 for count in copies.values())
    crashes = sum(evidence.restarts.get(part, 0) for part in ("notifier", "inbox", "postgres"))
    if again > crashes * 2 * SENDERS:
        many = tuple(copies.most_common(5))
        yield Violation("I8", f"{again} mails came again after {crashes} crashes", many)


def invitations_grow(evidence: Evidence) -> Iterator[Violation]:
    """I9: one UID for life, SEQUENCE grows, CANCEL comes last."""
    queues: dict[tuple[str, str], list[Letter]] = defaultdict(list)
    seen: set[str] = set()
    for letter in evidence.letters:
        booking_id, sequence, recipient, kind = _named(letter)
        method = "CANCEL" if kind == "cancellation" else "REQUEST"
        if (letter.uid, letter.sequence, letter.method) != (
            f"{booking_id}@bookwith",
            sequence,
            method,
        ):
            yield Violation("I9", "a calendar part is not what its mail is about", (letter,))
        if letter.message_id not in seen:
            seen.add(letter.message_id)
            queues[booking_id, recipient].append(letter)
    for letters in queues.values():
        sequences = [each.sequence for each in letters]
        if sequences != sorted(set(sequences)):
            yield Violation("I9", "SEQUENCE does not grow", tuple(letters))
        if any(each.method == "CANCEL" for each in letters[:-1]):
            yield Violation("I9", "something came after CANCEL", tuple(letters))


def becomes_idle(evidence: Evidence) -> Iterator[Violation]:
    """I14: soon after the faults nothing waits and everybody is ready."""
    for service in evidence.idle:
        waits = service.outbox or service.lag or service.unfinished
        if waits or not service.ready or service.seconds > QUIET_SECONDS:
            yield Violation("I14", f"{service.service} has not become idle", (service,))


def _key(delivery: Delivery) -> ExpectedLetter:
    return delivery.booking_id, delivery.ics_sequence, delivery.recipient, delivery.kind


def _named(letter: Letter) -> ExpectedLetter:
    """Read `<booking.sequence.kind.recipient@domain>`."""
    words = letter.message_id.strip("<>").rpartition("@")[0].split(".")
    if len(words) != 4 or not words[1].isdigit():
        return letter.message_id, -1, "", ""
    return words[0], int(words[1]), words[3], words[2]
