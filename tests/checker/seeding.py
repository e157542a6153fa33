"""Seeding faults into a correct run: each is registered with the guarantee that it breaks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.checker.correct_run import ANNA, MOVED, placed, published
from tests.checker.evidence import Evidence, Stored

Break = Callable[[Evidence], Evidence]
BROKEN: list[tuple[str, str, Break]] = []


def breaks(guarantee: str) -> Callable[[Break], Break]:
    """Register the change of a run as a fault that breaks the guarantee."""

    def note(change: Break) -> Break:
        BROKEN.append((guarantee, change.__name__.replace("_", " "), change))
        return change

    return note


def find(run: Evidence, type_: str, subject: str = MOVED) -> Stored:
    return next(each for each in run.stored if each.type == type_ and each.subject == subject)


def rewritten(run: Evidence, event: Stored, **data: Any) -> Evidence:
    """Return the run with other data in one stored event."""
    changed = replace(event, data={**event.data, **data})
    return replace(run, stored=tuple(changed if each is event else each for each in run.stored))


def without_record(run: Evidence, event: Stored) -> Evidence:
    records = placed(each for each in run.records if each.id != event.id)
    return replace(run, records=tuple(records))


def with_event(run: Evidence, stream: str, type_: str, **data: Any) -> Evidence:
    """Return the run with one more event, stored and published in order."""
    last = run.stored[-1]
    version = sum(each.stream == stream for each in run.stored) + 1
    event = replace(
        last,
        id="00000000-0000-0000-0000-0000000000ff",
        stream=stream,
        version=version,
        sequence=last.sequence + 1,
        type=type_,
        time=last.time + timedelta(seconds=1),
        data=data,
    )
    stored = (*run.stored, event)
    last_sequences = {**run.last_sequences, ("booking.events.v1", ANNA): event.sequence}
    return replace(
        run, stored=stored, records=tuple(published(stored)), last_sequences=last_sequences
    )
