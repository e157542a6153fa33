"""`python -m deploy.local.demo`, which is `make demo`.

Plays one booking through the public API on a temporary stack, prints every event as a subscriber
reads it from Kafka and both parties' mails, and compares both with what must be there.
"""

import sys
import time
from collections.abc import Sequence

from deploy.local.client import Refused, Unreachable
from deploy.local.demo import story
from deploy.local.demo.views import Event, Mail, NoInbox, deliveries, events_of, mails_to
from deploy.local.stack import LocalStack, StackFailed

WAIT_SECONDS = 15.0
PARTIES = (story.VISITOR, story.ORGANIZER)
# What a subscriber reads about the organizer, in this order; verdicts are on a topic of their own.
# A page comes with two meeting types. The policy answers as soon as it reads of the page: before or
# after the page is published.
OPENING = (
    *("MeetingTypeCreated", "MeetingTypeCreated"),
    *("PageAllowed", "PageCreated", "PagePublished"),
)
BOOKING_EVENTS = (
    *("MeetingTypeCreated", "PrivateLinkIssued"),
    *("LinkUseTaken", "SlotReserved", "BookingConfirmed", "LinkUseConsumed", "LinkExpired"),
    *("SlotReserved", "BookingRescheduled", "BookingCancelled"),
)
VERDICTS = ("SlotAccepted", "SlotAccepted")
MAILS = (("REQUEST", 0), ("REQUEST", 1), ("CANCEL", 2))
PARTS = frozenset({"text/plain", "text/html", "text/calendar"})


class NotAsPromised(Exception):
    """Something that must be there is missing or different; the message says what."""


class Progress:
    """Prints what the stack prints while it starts, except the addresses: the stack ends soon."""

    def __init__(self) -> None:
        self._up = False

    def __call__(self, line: str) -> None:
        """Print the line, unless everything is up already."""
        if not self._up:
            print(line, flush=True)
        self._up = self._up or line.startswith("Everything is up")


def main() -> int:
    """Play the demo; return 0 when all events and mails are as they must be, else 1."""
    started = time.monotonic()
    print("Starting PostgreSQL, Kafka, an inbox, an OpenID provider and all services ...")
    try:
        with LocalStack(say=Progress()) as stack:
            print()
            _play(stack)
    except StackFailed:
        print("The stack did not start: what it printed is above.")
        return 1
    except (NotAsPromised, NoInbox, Refused, Unreachable) as failure:
        print(f"\nNot as promised: {failure}")
        return 1
    print(f"\nAll as promised, after {time.monotonic() - started:.0f} s.")
    return 0


def _play(stack: LocalStack) -> None:
    def mailed(count: int) -> None:
        for address in PARTIES:
            if len(_mails(stack, address, count)) < count:
                raise NotAsPromised(
                    f"mail number {count} to {address} has not come within "
                    f"{WAIT_SECONDS:.0f} s; {deliveries(stack)}."
                )

    played = story.play(
        stack.url("booking"), stack.url("availability"), stack.token("anna"), mailed
    )
    organizer_id = stack.organizer_id("anna")
    events = _until_complete(stack, organizer_id)
    print("\nWhat a subscriber reads from Kafka")
    for event in events:
        print(f"  {event}")
    print("\nWhat both parties find in their inboxes")
    mails = {address: _mails(stack, address, len(MAILS)) for address in PARTIES}
    for address, found in mails.items():
        for mail in found:
            print(f"  {address:<22} {mail}")
            for line in mail.first_lines:
                print(f"  {'':<22} | {line}")
    _check_events(events)
    for address, found in mails.items():
        _check_mails(address, found, played.uid)


def _until_complete(stack: LocalStack, organizer_id: str) -> list[Event]:
    """Return the organizer's events once those of all mails came, or after the longest wait."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        events = events_of(stack.kafka, organizer_id)
        sent = [event for event in events if event.name == "MailSent"]
        if len(sent) >= 2 * len(MAILS) or time.monotonic() > deadline:
            return events
        time.sleep(0.2)


def _mails(stack: LocalStack, address: str, count: int) -> list[Mail]:
    """Return the mails to the address once there are so many, or after the longest wait."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        found = mails_to(stack.inbox_url, address)
        if len(found) >= count or time.monotonic() > deadline:
            return found
        time.sleep(0.2)


def _check_events(events: Sequence[Event]) -> None:
    names = _names(events, "booking.events.v1")
    _must_be(OPENING, tuple(sorted(names[: len(OPENING)])), "booking's first events, in any order,")
    _must_be(BOOKING_EVENTS, names[len(OPENING) :], "booking's events after them")
    _must_be(VERDICTS, _names(events, "availability.events.v1"), "availability's verdicts")
    for topic in {event.topic for event in events}:
        numbers = [event.sequence for event in events if event.topic == topic]
        _must_be(tuple(range(1, len(numbers) + 1)), tuple(numbers), f"the sequence on {topic}")


def _check_mails(address: str, mails: Sequence[Mail], uid: str) -> None:
    found = tuple((mail.method, mail.ics_sequence) for mail in mails)
    _must_be(MAILS, found, f"the mails to {address} (method, SEQUENCE)")
    _must_be({uid}, {mail.uid for mail in mails}, f"the UID in the mails to {address}")
    for mail in mails:
        _must_be(PARTS, PARTS & mail.parts, f"the parts of the mail {mail.subject!r}")


def _names(events: Sequence[Event], topic: str) -> tuple[str, ...]:
    return tuple(event.name for event in events if event.topic == topic)


def _must_be(wanted: object, found: object, what: str) -> None:
    if wanted != found:
        raise NotAsPromised(f"{what} should be {wanted}, but are {found}.")


if __name__ == "__main__":
    sys.exit(main())
