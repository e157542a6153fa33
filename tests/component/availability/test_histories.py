"""Any history of one organizer's bookings: no time that is taken is ever accepted."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts import booking
from contracts.event import ContractEvent
from contracts.topics import AVAILABILITY_EVENTS
from services.chassis.ids import new_id
from tests.component.availability.organizer import MINUTE, Availability, Organizer, monday

HOLD = 5 * MINUTE
numbers = itertools.count(1)

# A quarter of an hour in which to start, how long before the last step, what and to which booking.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "reserve", "move", "confirm", "release", "cancel"]),
        st.integers(0, 5),
        st.integers(0, 7),
        st.sampled_from([timedelta(0), timedelta(seconds=30), 3 * MINUTE, HOLD]),
    ),
    min_size=5,
    max_size=40,
)


@dataclass(slots=True)
class Model:
    """What is taken, kept in the plainest way: each booking's times with their deadlines."""

    organizer: Organizer
    kind: UUID
    now: datetime
    told: list[tuple[ContractEvent, datetime]] = field(default_factory=list)
    expected: list[tuple[UUID, bool]] = field(default_factory=list)
    taken: dict[UUID, dict[datetime, datetime | None]] = field(default_factory=dict)
    confirmed: dict[UUID, booking.SlotReserved] = field(default_factory=dict)
    held: dict[UUID, booking.SlotReserved] = field(default_factory=dict)

    def step(self, action: str, which: int, quarter: int, later: timedelta) -> None:
        """Do what the step says, where it can be done."""
        self.now += later
        start = monday(9) + quarter * 15 * MINUTE
        holders, booked = list(self.held.values()), list(self.confirmed.values())
        if action == "reserve":
            self.reserve(self.organizer.reserved(self.kind, start, expires_at=self.now + HOLD))
        elif action == "move" and booked:
            old = booked[which % len(booked)]
            if old.booking_id not in self.held and old.start != start:
                self.reserve(
                    self.organizer.reserved(
                        self.kind,
                        start,
                        booking_id=old.booking_id,
                        expires_at=self.now + HOLD,
                        purpose="reschedule",
                    )
                )
        elif action == "confirm" and holders:
            self.finish(holders[which % len(holders)])
        elif action == "release" and holders:
            held = self.held.pop(holders[which % len(holders)].booking_id)
            self.taken.get(held.booking_id, {}).pop(held.start, None)
            self.publish(self.organizer.released(held))
        elif action == "cancel" and booked:
            old = self.confirmed.pop(booked[which % len(booked)].booking_id)
            self.held.pop(old.booking_id, None)
            del self.taken[old.booking_id]
            self.publish(self.organizer.cancelled(old))

    def reserve(self, asked: booking.SlotReserved) -> None:
        """Hold the time, and take it if it is to be accepted: if nobody else has any part of it."""
        others = (
            (start, deadline)
            for booking_id, times in self.taken.items()
            for start, deadline in times.items()
            if booking_id != asked.booking_id
        )
        free = not any(
            abs(start - asked.start) < 30 * MINUTE and (deadline is None or deadline > self.now)
            for start, deadline in others
        )
        self.expected.append((asked.booking_id, free))
        if free:
            self.taken.setdefault(asked.booking_id, {})[asked.start] = asked.expires_at
        self.held[asked.booking_id] = asked
        self.publish(asked)

    def finish(self, held: booking.SlotReserved) -> None:
        """Take the held time for good, and give up the time before a move."""
        del self.held[held.booking_id]
        old = self.confirmed.get(held.booking_id)
        if old is None:
            self.publish(self.organizer.confirmed(held))
        else:
            del self.taken[held.booking_id][old.start]
            self.publish(self.organizer.rescheduled(old, held))
        self.taken.setdefault(held.booking_id, {})[held.start] = None
        self.confirmed[held.booking_id] = held

    def publish(self, event: ContractEvent) -> None:
        self.told.append((event, self.now))


@settings(
    max_examples=40,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
async def test_each_verdict_is_that_of_the_model(
    availability: Availability, steps: list[tuple[str, int, int, timedelta]]
) -> None:
    organizer = Organizer(availability, f"history-{next(numbers)}", new_id())
    kind = organizer.meeting_type(increment_minutes=15)
    model = Model(organizer, kind.id, datetime.now(UTC))
    for step in steps:
        model.step(*step)

    await availability.other_services.publish(organizer.published(), organizer.allowed(), kind)
    for event, at in model.told:
        await availability.other_services.publish(event, time=at)
    answers = await availability.topics.until(
        AVAILABILITY_EVENTS, organizer.id, lambda received: len(received) == len(model.expected)
    )

    assert model.expected == [
        (answer.event.booking_id, answer.kind == "SlotAccepted") for answer in answers
    ]
