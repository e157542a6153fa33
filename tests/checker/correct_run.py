"""A run without any violation, made by hand: each seeded fault changes one thing in it."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.checker.evidence import (
    Booked,
    Claim,
    Delivery,
    Evidence,
    Fault,
    IdleState,
    Letter,
    Poison,
    SentCommand,
    Stored,
)
from tests.e2e.topics import Record

ANNA = str(UUID(int=1))
LINK = str(UUID(int=2))
MOVED = str(UUID(int=3))
KEPT = str(UUID(int=4))
DAY = datetime(2030, 5, 6, 9, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)


def slot(number: int) -> dict[str, str]:
    """Return a half hour as stored events write it."""
    start = DAY + number * HALF_HOUR
    return {"start": start.isoformat(), "end": (start + HALF_HOUR).isoformat()}


def claim(booking_id: str, number: int) -> Claim:
    """Return the half hour as a taken time."""
    start = DAY + number * HALF_HOUR
    return Claim(booking_id, start, start + HALF_HOUR)


class Store:
    """Appends by hand, for one organizer."""

    def __init__(self) -> None:
        self.events: list[Stored] = []

    def add(self, stream: str, type_: str, **data: Any) -> Stored:
        """Append one event."""
        count = len(self.events) + 1
        version = sum(each.stream == stream for each in self.events) + 1
        event = Stored(
            service="booking",
            id=str(UUID(int=100 + count)),
            stream=stream,
            version=version,
            key=ANNA,
            sequence=count,
            type=type_,
            time=DAY - timedelta(days=1) + timedelta(seconds=count),
            data=data,
        )
        self.events.append(event)
        return event


def stored() -> list[Stored]:
    """Return two bookings: one by a single-use link, moved and cancelled; one that stays."""
    store = Store()
    store.add("page-" + ANNA, "PageAllowed")
    limits = {"max_uses": 1, "expires_at": DAY.isoformat(), "label": ""}
    store.add("private_link-" + LINK, "PrivateLinkIssued", limits=limits)
    store.add("private_link-" + LINK, "LinkUseTaken", booking_id=MOVED)
    moved, kept = "booking-" + MOVED, "booking-" + KEPT
    store.add(moved, "SlotReserved", slot=slot(0), purpose="new", link_id=LINK)
    store.add(moved, "BookingConfirmed", slot=slot(0), ics_sequence=0)
    store.add("private_link-" + LINK, "LinkUseConsumed", booking_id=MOVED)
    store.add(kept, "SlotReserved", slot=slot(1), purpose="new", link_id=None)
    store.add(kept, "BookingConfirmed", slot=slot(1), ics_sequence=0)
    store.add(moved, "SlotReserved", slot=slot(2), purpose="reschedule", link_id=None)
    store.add(moved, "BookingRescheduled", old=slot(0), new=slot(2), ics_sequence=1)
    store.add(moved, "BookingCancelled", slot=slot(2), ics_sequence=2)
    return store.events


def published(events: Iterable[Stored]) -> list[Record]:
    """Return the events as they lie on their topics, with a verdict on each reservation."""
    records: list[Record] = []
    verdicts = 0
    for event in events:
        topic = f"{event.service}.events.v1"
        records.append(_record(topic, event.id, event.type, event.subject, event.sequence))
        if event.type == "SlotReserved":
            verdicts += 1
            answer = _record(
                "availability.events.v1",
                str(UUID(int=200 + verdicts)),
                "SlotAccepted",
                event.subject,
                verdicts,
            )
            answer.headers["ce_causationid"] = event.id
            records.append(answer)
    return placed(records)


def placed(records: Iterable[Record]) -> list[Record]:
    """Give each record the next offset of its topic."""
    offsets: dict[str, int] = {}
    result = []
    for record in records:
        offset = offsets.get(record.topic, 0)
        offsets[record.topic] = offset + 1
        result.append(replace(record, offset=offset))
    return result


def _record(topic: str, id_: str, name: str, subject: str, sequence: int) -> Record:
    headers = {
        "ce_id": id_,
        "ce_type": f"io.bookwith.{topic.partition('.')[0]}.{name}.v1",
        "ce_subject": subject,
        "ce_partitionkey": ANNA,
        "ce_sequence": str(sequence),
    }
    return Record(topic, 3, 0, ANNA, headers, json.dumps({"subject": subject}).encode(), 0)


def letters() -> list[Letter]:
    """Return what both parties have in their inbox."""
    history = (
        (MOVED, 0, "confirmation"),
        (KEPT, 0, "confirmation"),
        (MOVED, 1, "change"),
        (MOVED, 2, "cancellation"),
    )
    return [
        Letter(
            f"<{booking_id}.{sequence}.{kind}.{recipient}@localhost>",
            (address,),
            "CANCEL" if kind == "cancellation" else "REQUEST",
            f"{booking_id}@bookwith",
            sequence,
        )
        for booking_id, sequence, kind in history
        for recipient, address in (
            ("attendee", f"{'moved' if booking_id == MOVED else 'kept'}@example.test"),
            ("organizer", "anna@example.test"),
        )
    ]


def deliveries() -> list[Delivery]:
    """Return the letters as the notifier knows them."""
    result = []
    for letter in letters():
        booking_id, sequence, kind, recipient = letter.message_id[1:].partition("@")[0].split(".")
        result.append(Delivery(booking_id, int(sequence), recipient, kind, "sent"))
    return result


def asked() -> list[SentCommand]:
    """Return the commands of the clients with their outcomes."""
    start = claim("", 0).start
    second, third = claim("", 1).start, claim("", 2).start
    return [
        SentCommand("k1", "book", "ok", ANNA, "moved@example.test", start, MOVED, LINK, 201),
        SentCommand("k2", "book", "ok", ANNA, "kept@example.test", second, KEPT, None, 201),
        SentCommand("k3", "book", "refused", ANNA, "late@example.test", second, None, None, 409),
        SentCommand("k4", "move", "ok", ANNA, "moved@example.test", third, MOVED, None, 200),
        SentCommand("k5", "cancel", "ok", ANNA, "moved@example.test", None, MOVED, None, 200),
    ]


def correct_run() -> Evidence:
    """Return the whole run."""
    events = stored()
    records = published(events)
    dead = Record(
        "booking.events.v1.notifier.dlt",
        0,
        0,
        None,
        {
            "dlt_reason": "unreadable",
            "dlt_topic": "booking.events.v1",
            "dlt_partition": "7",
            "dlt_offset": "0",
        },
        b"\xff",
        0,
    )
    return Evidence(
        asked=tuple(asked()),
        stored=tuple(events),
        records=tuple(records),
        last_sequences={
            ("booking.events.v1", ANNA): len(events),
            ("availability.events.v1", ANNA): 3,
        },
        booked=(
            Booked(MOVED, "cancelled", claim("", 2).start, claim("", 2).end),
            Booked(KEPT, "confirmed", claim("", 1).start, claim("", 1).end),
        ),
        booking_claims=(claim(KEPT, 1),),
        availability_claims=(claim(KEPT, 1),),
        emails={MOVED: "moved@example.test", KEPT: "kept@example.test"},
        deliveries=tuple(deliveries()),
        letters=tuple(letters()),
        dead_letters=(dead,),
        poisons=(Poison("booking.events.v1", 7, 0, ("notifier",)),),
        idle=(IdleState("booking", True, 0, 0, 0, 1.0),),
        faults=(Fault("booking killed", 1, 1),),
    )
