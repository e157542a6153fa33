"""What the events of one organizer have in common."""

from typing import ClassVar

from contracts.event import ContractEvent
from contracts.topics import BOOKING_EVENTS
from contracts.values import Id


class OfOrganizer(ContractEvent):
    """An event of one organizer: all of theirs are on one partition, in the order of commits."""

    TOPIC: ClassVar[str] = BOOKING_EVENTS
    KEY: ClassVar[str] = "organizer_id"

    organizer_id: Id
