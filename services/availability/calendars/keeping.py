"""What came of a reading, kept in one transaction with the events that tell of it."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from contracts.availability import (
    CalendarConnectionBroken,
    CalendarConnectionRestored,
    FreeBusyChanged,
)
from contracts.event import ContractEvent
from services.availability.calendars import records
from services.availability.calendars.port import BrokenReason, Changes, Window
from services.availability.calendars.records import CalendarRow
from services.availability.calendars.sealing import Access, Sealed
from services.availability.domain.hours import WEEKDAYS, WeeklyHours
from services.chassis.messaging import outbox
from services.chassis.postgres.database import Connection, enqueue_all

# Busy times are asked for over a little more than the longest horizon; as long as this much of it
# is left, changes are enough.
_WINDOW, _WINDOW_LEFT = timedelta(days=400), timedelta(days=367)
# What may pass by itself is announced after so many tries in a row; a refused sign-in at once.
_TRIES = 4
_PASSING: frozenset[BrokenReason] = frozenset({"unreachable", "unreadable"})
_FIRST_PAUSE, _LONGEST_PAUSE = 30.0, 3600.0


def window_of(row: CalendarRow, now: datetime) -> Window:
    """Return the time to ask about: the same as before, until too little of it is left."""
    end = row.window_end
    if end is None or end < now + _WINDOW_LEFT:
        end = now + _WINDOW
    return Window(start=now - timedelta(days=1), end=end)


def pause(seconds: float) -> float:
    """Return about so many seconds: calendars that began together do not stay together."""
    return seconds * random.uniform(0.85, 1.15)  # noqa: S311 -- no secret hangs on it


async def keep_changes(
    connection: Connection,
    row: CalendarRow,
    changes: Changes,
    *,
    window: Window,
    sealed: Sealed,
    access: Access,
    seconds: float,
    fresh: float,
) -> None:
    """Keep what a reading found; say so where it changes the organizer's busy times."""
    events: list[ContractEvent] = []
    named = None if changes.complete else [*changes.objects, *changes.gone]
    known = await records.busy_rows(connection, row.id, named) if named != [] else {}
    found = {key: records.rows_of(times) for key, times in changes.objects.items()}
    put = {
        key: times for key, times in found.items() if sorted(times) != sorted(known.get(key, []))
    }
    gone = [key for key in known if key not in found]
    if any(put.values()) or gone or any(key in known for key in put):
        revision = await records.replace_busy(connection, row, [*put, *gone], put)
        events.append(FreeBusyChanged(organizer_id=row.organizer_id, revision=revision))
    if row.announced:
        events.append(
            CalendarConnectionRestored(
                calendar_id=row.id, organizer_id=row.organizer_id, kind=row.kind
            )
        )
    if changes.secrets is not None:
        access = Access(access.address, changes.secrets)
    await records.keep_read(
        connection,
        row.id,
        state=records.as_json(dict(changes.state)),
        window_end=window.end,
        skipped=records.as_json([{"key": e.key, "why": e.why} for e in changes.skipped[:50]]),
        hours=records.as_json(_hours(changes.hours)),
        sealed=sealed.seal(row.id, access),
        fresh=fresh,
        again=pause(seconds),
    )
    await publish(connection, events)


async def keep_broken(connection: Connection, row: CalendarRow, reason: BrokenReason) -> None:
    """Keep that the calendar cannot be read; announce it once, when it does not pass."""
    announce = not row.announced and (reason not in _PASSING or row.failures + 1 >= _TRIES)
    again = pause(min(_FIRST_PAUSE * 2.0**row.failures, _LONGEST_PAUSE))
    await records.keep_failure(
        connection, row.id, reason, again=again, announced=row.announced or announce
    )
    if announce:
        await publish(
            connection,
            [
                CalendarConnectionBroken(
                    calendar_id=row.id,
                    organizer_id=row.organizer_id,
                    kind=row.kind,
                    reason=reason,
                    since=row.read_at or row.connected_at,
                    closed_from=row.closed_from,
                )
            ],
        )


async def publish(connection: Connection, events: Sequence[ContractEvent]) -> None:
    """Let the events be published once the transaction is committed."""
    at = datetime.now(UTC)
    await enqueue_all(connection, [outbox.message(each, at=at) for each in events])


def _hours(hours: WeeklyHours | None) -> dict[str, list[list[str]]] | None:
    """Return the hours as an event of regular hours would have them."""
    if hours is None:
        return None
    return {
        day: [[_clock(begins), _clock(ends)] for begins, ends in ranges]
        for day, ranges in zip(WEEKDAYS, hours, strict=True)
    }


def _clock(minutes: int) -> str:
    hours, rest = divmod(minutes if minutes <= 24 * 60 else minutes - 24 * 60, 60)
    return f"{hours:02}:{rest:02}"
