"""Bookings as they are shown: folded streams with their attendee, verdict and links."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.booking import queries
from services.booking.domain import booking, meeting_type
from services.booking.domain.refusals import NotFound
from services.booking.store import BOOKING, MEETING_TYPE, store
from services.booking.tokens import Tokens
from services.booking.translate import location_told
from services.chassis.events.store import Loaded
from services.chassis.postgres.database import Connection, Row


@dataclass(frozen=True, slots=True)
class View:
    """A booking for one pair of eyes; `body` is what the API gives."""

    state: booking.State
    version: int
    at: datetime
    body: dict[str, Any]
    reasons: tuple[str, ...]


async def see(connection: Connection, booking_id: UUID, tokens: Tokens) -> View:
    """Return the booking as its organizer and the holder of its manage token see it."""
    found = await see_all(connection, [booking_id], tokens)
    if not found:
        raise NotFound("booking")
    return found[0]


async def see_all(connection: Connection, ids: list[UUID], tokens: Tokens) -> list[View]:
    """Return the bookings, each folded from its stream, by id."""
    rows = await queries.seen(connection, ids)
    streams = {BOOKING.stream(row["id"]) for row in rows}
    streams |= {MEETING_TYPE.stream(row["meeting_type_id"]) for row in rows}
    loaded = await store.load(connection, *streams)
    return [_view(row, loaded, tokens) for row in rows]


def _view(row: Row, loaded: Loaded, tokens: Tokens) -> View:
    id_ = row["id"]
    held = loaded.get(BOOKING, id_)
    offered = loaded.get(MEETING_TYPE, row["meeting_type_id"]).state
    body = {
        "id": id_,
        "organizer_id": row["organizer_id"],
        "meeting_type_id": row["meeting_type_id"],
        "link_id": row["link_id"],
        "created_at": row["created_at"],
        "uid": booking.uid(id_),
        "manage_token": tokens.manage(id_),
        "manage_url": tokens.manage_url(id_),
        "verdict": {None: "pending", True: "accepted", False: "rejected"}[row["accepted"]],
        "version": held.version,
        **_state(held.state, offered, loaded.now),
        **_person(row),
    }
    reasons = tuple(reason["rule"] for reason in row["reasons"] or ())
    return View(held.state, held.version, loaded.now, body, reasons)


def _state(state: booking.State, offered: meeting_type.State, at: datetime) -> dict[str, Any]:
    common: dict[str, Any] = {
        "status": booking.status(state, at),
        "release_reason": None,
        "hold_expires_at": None,
        "pending_move": None,
        "ics_sequence": 0,
    }
    match state:
        case booking.Held(slot=slot, expires_at=expires_at):
            over = {"release_reason": "timeout"} if at >= expires_at else {}
            return {
                **common,
                **_planned(offered),
                **_times(slot.start, slot.end),
                "hold_expires_at": expires_at,
                **over,
            }
        case booking.Released(slot=slot, reason=reason):
            return {
                **common,
                **_planned(offered),
                **_times(slot.start, slot.end),
                "release_reason": reason,
            }
        case booking.Confirmed(move=move) if move is not None and at < move.expires_at:
            pending = {**_times(move.slot.start, move.slot.end), "expires_at": move.expires_at}
            return {**common, **_agreed(state), "pending_move": pending}
        case booking.Confirmed() | booking.Cancelled():
            return {**common, **_agreed(state)}
        case _:
            raise NotFound("booking")


def _agreed(state: booking.Confirmed | booking.Cancelled) -> dict[str, Any]:
    terms = state.meeting.terms
    return {
        **_times(state.slot.start, state.slot.end),
        "title": terms.title,
        "location": location_told(terms.location, booked=True).model_dump(),
        "join_url": terms.join_url,
        "ics_sequence": state.ics_sequence,
    }


def _planned(offered: meeting_type.State) -> dict[str, Any]:
    settings = meeting_type.last_settings(offered)
    return {
        "title": settings.title,
        "location": location_told(settings.location, booked=False).model_dump(),
        "join_url": None,
    }


def _times(start: datetime, end: datetime) -> dict[str, Any]:
    return {"start": start, "end": end}


def _person(row: Row) -> dict[str, Any]:
    if row["name"] is None:
        return {"attendee": None, "answers": [], "change_reason": None}
    attendee = {name: row[name] for name in ("name", "email", "time_zone", "locale")}
    return {
        "attendee": attendee,
        "answers": row["answers"],
        "change_reason": row["change_reason"],
    }
