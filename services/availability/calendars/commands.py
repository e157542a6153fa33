"""What organizers do with their calendars: connect, change, check and take away."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from contracts.availability import (
    CalendarConnected,
    CalendarDisconnected,
    CalendarWritingChanged,
    FreeBusyChanged,
)
from contracts.event import ContractEvent
from services.availability.calendars import records
from services.availability.calendars.keeping import keep_broken, publish
from services.availability.calendars.port import (
    Broken,
    CalendarKind,
    Changes,
    ComeAgain,
    Connected,
    FoundCalendar,
    ReadAgain,
    Window,
)
from services.availability.calendars.records import CalendarRow
from services.availability.calendars.refusals import (
    MOST_CALENDARS,
    CalendarChanged,
    CalendarNotFound,
    CannotRead,
    NotWritable,
    TooManyCalendars,
)
from services.availability.calendars.sealing import Access
from services.availability.calendars.sync import CalendarContext
from services.chassis.events.retries import run_with_retries
from services.chassis.postgres.database import Connection

_PREVIEW = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCalendar:
    """A calendar to connect."""

    kind: CalendarKind
    access: Access
    name: str | None
    written: bool


async def find(
    context: CalendarContext, kind: CalendarKind, access: Access
) -> Sequence[FoundCalendar]:
    """Return the calendars of whoever signs in; raise CannotRead."""
    adapter = context.adapters.get(kind)
    if adapter is None or adapter.finder is None:
        raise CannotRead("not_found")
    with _refusing():
        return await adapter.finder.find(access.address, access.secrets)


async def preview(
    context: CalendarContext, organizer_id: UUID, kind: CalendarKind, access: Access
) -> Changes:
    """Return what a calendar says of the coming weeks, without connecting it; raise CannotRead."""
    now = datetime.now(UTC)
    async with context.database.connection() as connection:
        zone = await records.zone_of_organizer(connection, organizer_id) or "UTC"
    calendar = Connected(
        id=organizer_id,
        organizer_id=organizer_id,
        address=access.address,
        secrets=access.secrets,
        time_zone=zone,
    )
    with _refusing():
        return await context.ask(kind, calendar, Window(start=now, end=now + _PREVIEW))


async def connect(
    context: CalendarContext, id_: UUID, organizer_id: UUID, new: NewCalendar
) -> CalendarRow:
    """Connect the calendar once it was read; raise a refusal and keep nothing otherwise."""
    adapter = context.adapters.get(new.kind)
    if new.written and (adapter is None or adapter.writer is None):
        raise NotWritable
    async with context.database.connection() as connection:
        zone = await records.zone_of_organizer(connection, organizer_id) or "UTC"
        if len(await records.of_organizer(connection, organizer_id)) >= MOST_CALENDARS:
            raise TooManyCalendars
    row = _fresh_row(id_, organizer_id, new, zone, context.sealed.seal(id_, new.access))
    with _refusing():
        changes, window = await context.read(row, new.access)
    row = replace(row, name=new.name or (changes.name or "")[:100] or new.access.place)

    async def work(connection: Connection) -> CalendarRow:
        await records.lock(connection, organizer_id)
        others = await records.of_organizer(connection, organizer_id)
        if done := next((each for each in others if each.id == id_), None):
            return done  # the same request, before its answer was lost
        if len(others) >= MOST_CALENDARS:
            raise TooManyCalendars
        events = await _only_one_written(connection, others, row) if new.written else []
        await records.insert(connection, row)
        events.append(
            CalendarConnected(
                calendar_id=id_, organizer_id=organizer_id, kind=new.kind, written=new.written
            )
        )
        await publish(connection, events)
        await context.keep(connection, row, new.access, (changes, window))
        return await _kept(connection, organizer_id, id_)

    return await _write(context, work)


async def change(
    context: CalendarContext,
    row: CalendarRow,
    *,
    name: str | None,
    written: bool | None,
    access: Access | None,
    expected: int | None,
) -> CalendarRow:
    """Change the calendar; another access is kept once the calendar was read with it."""
    adapter = context.adapters.get(row.kind)
    if written and (adapter is None or adapter.writer is None):
        raise NotWritable
    read = None
    if access is not None:
        row = replace(row, window_end=None)  # another calendar perhaps: all of it is read
        with _refusing():
            read = await context.read(row, access)

    async def work(connection: Connection) -> CalendarRow:
        await records.lock(connection, row.organizer_id)
        held = await _kept(connection, row.organizer_id, row.id)
        if expected is not None and held.version != expected:
            raise CalendarChanged
        events: list[ContractEvent] = []
        becomes = held.written if written is None else written
        if becomes and not held.written:
            others = await records.of_organizer(connection, row.organizer_id)
            events = await _only_one_written(connection, others, held)
        if becomes != held.written:
            events.append(_writing_changed(held, written=becomes))
        await records.change(
            connection,
            row.id,
            name=name or held.name,
            written=becomes,
            sealed=held.sealed if access is None else context.sealed.seal(row.id, access),
            place=held.place if access is None else access.place,
        )
        await publish(connection, events)
        if access is not None and read is not None:
            await context.keep(connection, replace(held, state={}), access, read)
        return await _kept(connection, row.organizer_id, row.id)

    return await _write(context, work)


async def check(context: CalendarContext, row: CalendarRow) -> CalendarRow:
    """Read the calendar now, and return it as it is then; raise CannotRead if it is to wait."""
    keep: Callable[[Connection], Awaitable[None]]
    try:
        access = context.sealed.unseal(row)
        read = await _read_whole_if_need_be(context, row, access)
    except ComeAgain as asked:
        raise CannotRead("unreachable", asked.seconds) from asked
    except Broken as fault:
        keep = partial(keep_broken, row=row, reason=fault.reason)
    else:
        keep = partial(context.keep, row=row, access=access, read=read)

    async def work(connection: Connection) -> CalendarRow:
        await records.lock(connection, row.organizer_id)
        await _kept(connection, row.organizer_id, row.id)
        await keep(connection)
        return await _kept(connection, row.organizer_id, row.id)

    return await _write(context, work)


async def _read_whole_if_need_be(
    context: CalendarContext, row: CalendarRow, access: Access
) -> tuple[Changes, Window]:
    try:
        return await context.read(row, access)
    except ReadAgain:
        return await context.read(replace(row, window_end=None), access)


async def disconnect(context: CalendarContext, organizer_id: UUID, id_: UUID) -> None:
    """Forget the calendar: its times count no more, entries that were written stay in it."""

    async def work(connection: Connection) -> None:
        await records.lock(connection, organizer_id)
        row = await _kept(connection, organizer_id, id_)
        await records.remove(connection, id_)
        revision = await records.revise(connection, organizer_id)
        gone = CalendarDisconnected(calendar_id=id_, organizer_id=organizer_id, kind=row.kind)
        changed = FreeBusyChanged(organizer_id=organizer_id, revision=revision)
        await publish(connection, [gone, changed])

    await run_with_retries(context.database, work)
    context.notify_relay()


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn what an adapter raises into the refusal that the organizer sees."""
    try:
        yield
    except Broken as fault:
        raise CannotRead(fault.reason) from fault
    except ReadAgain as fault:
        raise CannotRead("unreadable") from fault
    except ComeAgain as fault:
        raise CannotRead("unreachable", fault.seconds) from fault


async def _write(
    context: CalendarContext, work: Callable[[Connection], Awaitable[CalendarRow]]
) -> CalendarRow:
    row = await run_with_retries(context.database, work)
    context.notify_relay()
    return row


def _fresh_row(
    id_: UUID, organizer_id: UUID, new: NewCalendar, zone: str, sealed: bytes
) -> CalendarRow:
    now = datetime.now(UTC)
    return CalendarRow(
        id=id_,
        organizer_id=organizer_id,
        kind=new.kind,
        name=new.name or "",
        place=new.access.place,
        sealed=sealed,
        written=new.written,
        version=1,
        time_zone=zone,
        state={},
        window_end=None,
        skipped=(),
        connected_at=now,
        read_at=None,
        closed_from=now,
        broken_since=None,
        broken_reason=None,
        announced=False,
        failures=0,
    )


async def _only_one_written(
    connection: Connection, others: Sequence[CalendarRow], row: CalendarRow
) -> list[ContractEvent]:
    """Let bookings be written into no other calendar of the organizer."""
    events: list[ContractEvent] = []
    for each in others:
        if each.written and each.id != row.id:
            await records.change(
                connection,
                each.id,
                name=each.name,
                written=False,
                sealed=each.sealed,
                place=each.place,
            )
            events.append(_writing_changed(each, written=False))
    return events


def _writing_changed(row: CalendarRow, *, written: bool) -> CalendarWritingChanged:
    return CalendarWritingChanged(
        calendar_id=row.id, organizer_id=row.organizer_id, kind=row.kind, written=written
    )


async def _kept(connection: Connection, organizer_id: UUID, id_: UUID) -> CalendarRow:
    row = await records.one(connection, organizer_id, id_)
    if row is None:
        raise CalendarNotFound
    return row
