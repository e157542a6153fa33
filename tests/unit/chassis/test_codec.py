"""Stored events: dataclasses to JSON and back, old shapes converted on the way."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.chassis.events.codec import Codec, UnknownStoredEvent


@dataclass(frozen=True, slots=True)
class Opened:
    by: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Closed:
    reason: str
    count: int


Event = Opened | Closed
AT = datetime(2026, 12, 3, 10, 30, 0, 123456, tzinfo=UTC)


def test_an_event_comes_back_as_it_was_stored() -> None:
    codec = Codec(Event)
    event = Opened(UUID(int=7), AT)

    assert codec.decode(*codec.encode(event)) == event


def test_an_unknown_type_is_named() -> None:
    with pytest.raises(UnknownStoredEvent, match="Vanished"):
        Codec(Event).decode("Vanished", "{}")


def test_an_old_shape_is_converted_step_by_step_to_todays() -> None:
    upcasters = {
        "Shut": lambda data: ("Shut.v2", {**data, "count": 1}),
        "Shut.v2": lambda data: ("Closed", {"reason": data["why"], "count": data["count"]}),
    }
    codec = Codec(Event, upcasters=upcasters)

    assert codec.decode("Shut", '{"why": "late"}') == Closed("late", 1)
    assert codec.decode("Shut.v2", '{"why": "late", "count": 4}') == Closed("late", 4)
