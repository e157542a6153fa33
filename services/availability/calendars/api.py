"""The API of calendars, for the organizer whose they are."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from contracts.problem_types import INVALID, NOT_FOUND, STATE_CONFLICT, VERSION_CONFLICT
from services.availability.calendars import commands, records
from services.availability.calendars.commands import NewCalendar
from services.availability.calendars.port import Adapters, Broken, Changes
from services.availability.calendars.records import CalendarRow
from services.availability.calendars.refusals import (
    CalendarChanged,
    CalendarNotFound,
    CannotRead,
    NotWritable,
    TooManyCalendars,
)
from services.availability.calendars.schemas import (
    BusyPreview,
    CalendarBody,
    CalendarPatch,
    CalendarResponse,
    CalendarsResponse,
    FoundCalendarsResponse,
    FoundResponse,
    PreviewResponse,
    Server,
    SkippedResponse,
    calendar_response,
)
from services.availability.calendars.sealing import Access
from services.availability.parts import ORGANIZER_TOKEN, Parts
from services.chassis.http.conditional import expected_version, tagged
from services.chassis.http.documentation import BEARER, IfMatchRequired
from services.chassis.http.listing import minted_id
from services.chassis.http.parts import parts_of
from services.chassis.http.problems import Problem, response
from services.chassis.http.routing import ApiRoute
from services.chassis.ids import parse_id
from services.chassis.runtime.assembly import RefusalAnswer

SHOWN_TIMES = 10

routes = APIRouter(
    prefix="/api/availability/v1",
    route_class=ApiRoute,
    tags=["calendars"],
    dependencies=[BEARER, ORGANIZER_TOKEN],
)


@routes.get("/calendars")
async def list_calendars(request: Request) -> CalendarsResponse:
    parts = parts_of(request, Parts)
    organizer_id = await parts.organizer(request)
    async with parts.database.connection() as connection:
        rows = await records.of_organizer(connection, organizer_id)
    adapters = parts.calendars.adapters
    return CalendarsResponse(
        items=[calendar_response(row, writable=_writable(adapters, row)) for row in rows],
        kinds=list(adapters),
    )


@routes.post("/calendars", status_code=201, response_model=CalendarResponse)
async def connect_calendar(request: Request, body: CalendarBody) -> Response:
    """Connect a calendar that can be read; what cannot is refused with the reason."""
    parts = parts_of(request, Parts)
    organizer_id = await parts.organizer(request)
    new = NewCalendar(
        kind=body.kind,
        access=Access(body.address, body.secrets()),
        name=body.name,
        written=body.written,
    )
    row = await commands.connect(parts.calendars, minted_id(request), organizer_id, new)
    return _answer(parts, row, 201)


@routes.post("/calendars/discover")
async def discover_calendars(request: Request, body: Server) -> FoundCalendarsResponse:
    """Return the calendars that a CalDAV server has for whoever signs in."""
    parts = parts_of(request, Parts)
    await parts.organizer(request)
    found = await commands.find(parts.calendars, "caldav", Access(body.address, body.secrets()))
    return FoundCalendarsResponse(
        items=[
            FoundResponse(
                address=each.address, name=each.name, writable=each.writable, colour=each.colour
            )
            for each in found
        ]
    )


@routes.post("/calendars/preview")
async def preview_calendar(request: Request, body: CalendarBody) -> PreviewResponse:
    """Return what a calendar says of the coming weeks, without connecting it."""
    parts = parts_of(request, Parts)
    organizer_id = await parts.organizer(request)
    access = Access(body.address, body.secrets())
    return _preview(await commands.preview(parts.calendars, organizer_id, body.kind, access))


@routes.get("/calendars/{calendar_id}", response_model=CalendarResponse)
async def get_calendar(request: Request, calendar_id: str) -> Response:
    parts = parts_of(request, Parts)
    return _answer(parts, await _own(parts, request, calendar_id))


@routes.patch("/calendars/{calendar_id}", response_model=CalendarResponse)
async def change_calendar(
    request: Request, calendar_id: str, body: CalendarPatch, if_match: IfMatchRequired = None
) -> Response:
    """Change the name, the credentials, or whether bookings are written into it."""
    parts = parts_of(request, Parts)
    row = await _own(parts, request, calendar_id)
    changed = await commands.change(
        parts.calendars,
        row,
        name=body.name,
        written=body.written,
        access=_changed_access(parts, row, body),
        expected=expected_version(if_match),
    )
    return _answer(parts, changed)


@routes.post("/calendars/{calendar_id}/check", response_model=CalendarResponse)
async def check_calendar(request: Request, calendar_id: str) -> Response:
    """Read the calendar now, and return how it is."""
    parts = parts_of(request, Parts)
    row = await _own(parts, request, calendar_id)
    return _answer(parts, await commands.check(parts.calendars, row))


@routes.delete("/calendars/{calendar_id}", status_code=204, response_class=Response)
async def disconnect_calendar(request: Request, calendar_id: str) -> Response:
    """Disconnect the calendar: its times count no more, entries in it stay."""
    parts = parts_of(request, Parts)
    row = await _own(parts, request, calendar_id)
    await commands.disconnect(parts.calendars, row.organizer_id, row.id)
    return Response(status_code=204)


async def _own(parts: Parts, request: Request, calendar_id: str) -> CalendarRow:
    organizer_id = await parts.organizer(request)
    id_: UUID | None = parse_id(calendar_id)
    async with parts.database.connection() as connection:
        row = await records.one(connection, organizer_id, id_) if id_ else None
    if row is None:
        raise CalendarNotFound
    return row


def _changed_access(parts: Parts, row: CalendarRow, body: CalendarPatch) -> Access | None:
    given = body.secrets()
    if body.address is None and not given:
        return None
    try:
        held = parts.calendars.sealed.unseal(row)
    except Broken:  # all is to be given again
        return Access(body.address or "", given)
    access = Access(body.address or held.address, given)
    # Credentials that were given for one server are not sent to another.
    return (
        Access(access.address, {**held.secrets, **given}) if access.place == held.place else access
    )


def _answer(parts: Parts, row: CalendarRow, status: int = 200) -> Response:
    writable = _writable(parts.calendars.adapters, row)
    return tagged(calendar_response(row, writable=writable), row.version, status)


def _writable(adapters: Adapters, row: CalendarRow) -> bool:
    adapter = adapters.get(row.kind)
    return adapter is not None and adapter.writer is not None


def _preview(changes: Changes) -> PreviewResponse:
    times = sorted(
        (time for times in changes.objects.values() for time in times), key=lambda time: time.start
    )
    return PreviewResponse(
        name=changes.name,
        entries=len(changes.objects),
        next_busy=[
            BusyPreview(start=each.start, end=each.end, kind=each.kind, all_day=each.all_day)
            for each in times[:SHOWN_TIMES]
        ],
        skipped=[SkippedResponse(key=each.key, why=each.why) for each in changes.skipped],
    )


async def _on_refusal(request: Request, error: Exception) -> Response:
    match error:
        case CannotRead():
            pointer = "#/password" if error.reason == "sign_in_refused" else "#/address"
            errors = [{"pointer": pointer, "detail": str(error)}]
            return response(
                Problem(
                    INVALID,
                    str(error),
                    errors=errors,
                    reason=error.reason,
                    retry_after_seconds=error.retry_after,
                )
            )
        case NotWritable():
            errors = [{"pointer": "#/written", "detail": str(error)}]
            return response(Problem(INVALID, str(error), errors=errors))
        case TooManyCalendars():
            return response(Problem(STATE_CONFLICT, str(error)))
        case CalendarChanged():
            return response(Problem(VERSION_CONFLICT, str(error)))
        case _:
            return response(Problem(NOT_FOUND, str(error)))


REFUSALS: dict[type[Exception], RefusalAnswer] = dict.fromkeys(
    (CannotRead, NotWritable, TooManyCalendars, CalendarChanged, CalendarNotFound), _on_refusal
)
