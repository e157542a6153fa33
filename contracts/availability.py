"""What the availability service publishes: its verdict on each reserved slot."""

from typing import ClassVar

from contracts.event import ContractEvent
from contracts.topics import AVAILABILITY_EVENTS
from contracts.values import Id, Instant, Purpose, Reason


class Verdict(ContractEvent):
    """The answer to one SlotReserved; `ce_causationid` is that event's id."""

    TOPIC: ClassVar[str] = AVAILABILITY_EVENTS
    KEY: ClassVar[str] = "organizer_id"
    SUBJECT: ClassVar[str] = "booking_id"

    booking_id: Id
    organizer_id: Id
    start: Instant
    end: Instant
    purpose: Purpose
    checked_at: Instant
    reasons: tuple[Reason, ...] = ()


class SlotAccepted(Verdict):
    """The organizer is free at that time, by all rules of the meeting type."""

    TYPE = "io.bookwith.availability.SlotAccepted.v1"


class SlotRejected(Verdict):
    """The time is not to be had; each reason names the rule that says so."""

    TYPE = "io.bookwith.availability.SlotRejected.v1"
