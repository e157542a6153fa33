"""What is held about one booking of a person, and a service's receipt, as a page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.booking.me.views import HeldBooking, HeldLink, Receipt
from services.booking.web.responses import Visit
from services.chassis.web.clock import Clock
from services.chassis.web.plain_text import one_line
from services.chassis.web.zones import is_zone

OVER = frozenset(("cancelled", "declined", "released"))


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMeeting:
    """One booking with everything about the person that is kept with it."""

    title: str
    organizer: str
    when: str
    status: str
    is_to_come: bool
    name: str
    email: str
    zone: str
    answers: Sequence[tuple[str, str]]
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkLine:
    """One private link with everything about the person that is kept with it."""

    organizer: str
    name: str
    email: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLine:
    """What a service has said about the erasure; without `when` it is still to come."""

    service: str
    records: int
    when: str


def meeting_of(visit: Visit, held: HeldBooking) -> HeldMeeting:
    """Return the booking in words, on its own attendee's clock."""
    record, booking = held.record, held.booking
    clock = visit.clock(record.time_zone if is_zone(record.time_zone) else "UTC")
    say = visit.reader.language.say
    return HeldMeeting(
        title=one_line(booking.title, 120),
        organizer=one_line(held.organizer_name, 120),
        when=clock.when_with_zone(booking.slot.start, booking.slot.end),
        status=f"me.status.{booking.status}",
        is_to_come=booking.slot.start > booking.at and booking.status not in OVER,
        name=record.name,
        email=record.email,
        zone=record.time_zone,
        answers=[
            (
                one_line(each.label or each.question_id, 200),
                say(_yes(each.value)) if isinstance(each.value, bool) else each.value,
            )
            for each in record.answers
        ],
        reasons=[each.reason for each in record.reasons],
    )


def link_line_of(held: HeldLink) -> LinkLine:
    """Return the private link in words."""
    return LinkLine(
        organizer=one_line(held.organizer_name, 120),
        name=one_line(held.link.name, 200),
        email=held.link.email,
        zone=held.link.time_zone or "",
    )


def receipt_of(clock: Clock, receipt: Receipt) -> ReceiptLine:
    """Return the receipt in words."""
    when = clock.moment(receipt.erased_at) if receipt.erased_at else ""
    return ReceiptLine(service=receipt.service, records=receipt.records, when=when)


def _yes(value: bool) -> str:
    return "me.yes" if value else "me.no"
