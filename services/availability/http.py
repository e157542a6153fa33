"""Availability over HTTP: the slots that are offered, and why a time is not."""

import asyncio
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from contracts.capabilities import MANAGE, PRIVATE_LINK, Capability
from contracts.problem_types import INVALID, LINK_DEAD, NOT_AVAILABLE, NOT_FOUND
from services.availability import queries
from services.availability.domain.reasons import explain
from services.availability.domain.slots import Slot, next_free_day, offered
from services.availability.queries import Booked, Offering
from services.chassis.http.documentation import BEARER, token_header
from services.chassis.http.problems import Problem, unavailable
from services.chassis.identity.bearer import Authenticator
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.ids import parse_id
from services.chassis.postgres.database import Connection, Database, Row

MANAGE_TOKEN = token_header(
    MANAGE.header, "manage_token", "The token of the booking that is moved: its own time is free."
)
LINK_TOKEN = token_header(
    PRIVATE_LINK.header, "link_token", "The token of the private link to a private meeting type."
)
LONGEST = timedelta(days=62)
LAST_YEAR = 2200
# An organizer who opens the link just issued is faster than Kafka: its visitor waits this long.
PATIENCE = timedelta(seconds=1)
LOOKS = 20


@dataclass(frozen=True, slots=True)
class Window:
    """The time that is asked about."""

    start: datetime
    end: datetime
    zone: ZoneInfo


def router(database: Database, keys: KeyRing, authenticator: Authenticator) -> APIRouter:
    """Return availability's routes."""
    routes = APIRouter(prefix="/api/availability/v1", tags=["availability"])

    @routes.get("/slots", dependencies=[LINK_TOKEN, MANAGE_TOKEN])
    async def slots(
        request: Request,
        meeting_type_id: str,
        start: Annotated[str, Query(alias="from")],
        end: Annotated[str, Query(alias="to")],
        time_zone: str = "UTC",
        rescheduling: str | None = None,
    ) -> Response:
        window = _window(start, end, time_zone)
        own_id = _own(request, keys, rescheduling)
        link = await _link(database, keys, request.headers.get(PRIVATE_LINK.header))
        async with database.connection() as connection:
            own = await queries.booked(connection, own_id) if own_id else None
            found = await _let_in(connection, meeting_type_id, link, own)
            body = await _offered(connection, found, window, own)
        tag = hashlib.sha256(json.dumps(body).encode()).hexdigest()[:32]
        headers = {"ETag": f'"{tag}"', "Cache-Control": "no-cache"}
        return JSONResponse({**body, "computed_at": _z(found.now), "stale": False}, headers=headers)

    @routes.get("/explain", dependencies=[BEARER])
    async def why(request: Request, meeting_type_id: str, start: str) -> dict[str, Any]:
        principal = await authenticator.authenticate(request.headers.get("authorization"))
        at = _instant(start, "start", UTC)
        async with database.connection() as connection:
            found = await _found(connection, meeting_type_id)
            if found.deleted or found.organizer_id != principal.id:
                raise _no_such_type()
            length = timedelta(minutes=found.meeting_type.duration_minutes)
            claimed = await queries.taken(connection, found.organizer_id, at, at + length)
        reasons = explain(queries.offer(found, claimed, found.now), at)
        return {
            "offered": all(reason.passed for reason in reasons),
            "rules": [
                {"rule": each.rule, "passed": each.passed, "detail": each.detail}
                for each in reasons
            ],
        }

    return routes


async def _offered(
    connection: Connection, found: Offering, window: Window, own: Booked | None
) -> dict[str, Any]:
    claimed = await queries.taken(
        connection, found.organizer_id, window.start, window.end + LONGEST
    )
    slots = offered(queries.offer(found, claimed, found.now, own=own), window.start, window.end)
    if slots:
        day: date | None = slots[0].start.astimezone(window.zone).date()
    else:
        start, horizon = max(window.start, found.now), found.now + timedelta(days=400)
        claimed = await queries.taken(connection, found.organizer_id, start, horizon)
        offer = queries.offer(found, claimed, found.now, own=own)
        day = next_free_day(offer, start, window.zone)
    return {
        "slots": [_slot(slot) for slot in slots],
        "next_free_day": day.isoformat() if day else None,
    }


async def _found(connection: Connection, meeting_type_id: str) -> Offering:
    id_ = parse_id(meeting_type_id)
    found = await queries.offering(connection, id_) if id_ else None
    if found is None:
        raise _no_such_type()
    return found


async def _link(database: Database, keys: KeyRing, token: str | None) -> Row | None:
    """Return what the link opens, None if the request shows none.

    The signature proves that booking issued the link. When it is not here yet, its event is
    on the way, and with it (one key, one order) its meeting type: "not found" would be a lie.
    """
    if token is None:
        return None
    link_id = _granted(keys, PRIVATE_LINK, token)
    if link_id is None:
        raise _no_such_type()
    for _ in range(LOOKS):
        async with database.connection() as connection:
            link = await queries.link(connection, link_id)
        if link is not None:
            return link
        await asyncio.sleep(PATIENCE.total_seconds() / LOOKS)
    raise unavailable("This link is so new that its times are not here yet; try again in a moment.")


async def _let_in(
    connection: Connection, meeting_type_id: str, link: Row | None, own: Booked | None
) -> Offering:
    """Return the type if its page is open and, where it is private, its link is shown.

    A booking is moved by its own token, also when its link is dead or its type deleted.
    """
    asked = parse_id(meeting_type_id)
    found = await _found(connection, meeting_type_id)
    if own is None or own.meeting_type_id != asked:
        _must_be_bookable(found, asked, link)
    if not found.is_open():
        raise Problem(NOT_AVAILABLE, "This page is not available right now.")
    return found


def _must_be_bookable(found: Offering, asked: UUID | None, link: Row | None) -> None:
    if link is not None:
        if link["meeting_type_id"] != asked:
            raise _no_such_type()
        if link["ended"] or link["over"]:
            reason = link["ended"] or "ttl"
            raise Problem(LINK_DEAD, "This link no longer works; ask for a new one.", reason=reason)
        if not found.is_open():
            raise Problem(NOT_AVAILABLE, "This page is not available right now.", status=403)
    if found.deleted or (found.private and link is None):
        raise _no_such_type()


def _own(request: Request, keys: KeyRing, rescheduling: str | None) -> UUID | None:
    """Return the booking whose own time counts as free: its manage token must be shown."""
    if rescheduling is None:
        return None
    granted = _granted(keys, MANAGE, request.headers.get(MANAGE.header) or "")
    if granted is None or granted != parse_id(rescheduling):
        raise Problem(NOT_FOUND, "There is no such booking.")
    return granted


def _granted(keys: KeyRing, capability: Capability, token: str) -> UUID | None:
    grant = keys.read(capability, token)
    return grant.id if grant else None


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _window(start: str, end: str, time_zone: str) -> Window:
    if time_zone not in _zones():
        raise _invalid("time_zone", "must be an IANA time zone such as Europe/Copenhagen")
    zone = ZoneInfo(time_zone)
    window = Window(_instant(start, "from", zone), _instant(end, "to", zone), zone)
    if window.end <= window.start:
        raise _invalid("to", "must be after from")
    if window.end - window.start > LONGEST + timedelta(hours=2):  # dates span a clock change
        raise _invalid("to", "must be at most 62 days after from")
    return window


def _instant(text: str, name: str, zone: Any) -> datetime:
    """Read an RFC 3339 instant, or a date as its midnight in the zone."""
    try:
        if len(text) == len("2026-01-01"):
            instant = datetime.combine(date.fromisoformat(text), time(), zone)
        else:
            instant = datetime.fromisoformat(text.replace(" ", "+"))
        if instant.tzinfo is None:
            raise _invalid(name, "needs an offset from UTC, such as Z")
        if not 1970 < instant.year < LAST_YEAR:
            raise _invalid(name, "must be in the lifetime of somebody who reads this")
        return instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _invalid(name, "must be an RFC 3339 instant or a date") from error


def _slot(slot: Slot) -> dict[str, str]:
    return {"start": _z(slot.start), "end": _z(slot.end)}


def _z(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _no_such_type() -> Problem:
    return Problem(NOT_FOUND, "There is no such meeting type.")


def _invalid(name: str, detail: str) -> Problem:
    fault = {"pointer": f"#/query/{name}", "detail": detail}
    return Problem(INVALID, f"{name} {detail}.", errors=[fault])
