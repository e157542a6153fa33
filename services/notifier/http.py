"""The notifier over HTTP: what became of each mail, and one more try for those that failed."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import structlog
from fastapi import APIRouter, Query, Request

from contracts.problem_types import FORBIDDEN, NOT_FOUND, STATE_CONFLICT
from services.chassis.http.documentation import BEARER
from services.chassis.http.listing import cursor_of, listed
from services.chassis.http.problems import Problem
from services.chassis.identity.bearer import Authenticator, Principal
from services.chassis.ids import parse_id
from services.chassis.postgres.database import Database, Row
from services.chassis.postgres.signals import Signals
from services.notifier import queries, store
from services.notifier.handlers import MAIL
from services.notifier.store import State

log = structlog.get_logger(__name__)

OPERATOR_ROLES = frozenset({"operator", "administrator"})

UNFINISHED = ("waiting", "sending", "retrying")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: an operator sees all deliveries without addresses, an organizer their own."""

    principal: Principal

    @property
    def sees_all(self) -> bool:
        """Tell whether other people's deliveries are shown too."""
        return bool(self.principal.roles & OPERATOR_ROLES)


def router(database: Database, authenticator: Authenticator, signals: Signals) -> APIRouter:
    """Return the notifier's routes."""
    routes = APIRouter(prefix="/api/notifier/v1", tags=["deliveries"], dependencies=[BEARER])

    async def caller_of(request: Request) -> Caller:
        principal = await authenticator.authenticate(request.headers.get("authorization"))
        if not principal.roles & (OPERATOR_ROLES | {"organizer"}):
            raise Problem(FORBIDDEN, "Your account has nothing to do with mails.")
        return Caller(principal)

    @routes.get("/deliveries")
    async def deliveries(
        request: Request,
        booking_id: UUID | None = None,
        state: State | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: str | None = None,
    ) -> dict[str, Any]:
        caller = await caller_of(request)
        async with database.connection() as connection:
            rows = await queries.list_deliveries(
                connection,
                organizer_id=None if caller.sees_all else caller.principal.id,
                booking_id=booking_id,
                state=state,
                cursor=cursor_of(cursor),
                limit=limit + 1,
            )
        return listed([seen(row, caller.principal) for row in rows], limit)

    @routes.post("/deliveries/{delivery_id}/retry")
    async def retry(request: Request, delivery_id: str) -> dict[str, Any]:
        caller = await caller_of(request)
        if not caller.sees_all:
            raise Problem(FORBIDDEN, "Only operators may have a mail tried again.")
        id_ = parse_id(delivery_id)
        if id_ is None:
            raise _no_such_delivery()
        async with database.connection() as connection:
            tried = await store.retry(connection, id_)
            row = await queries.delivery(connection, id_)
        if row is None:
            raise _no_such_delivery()
        # Asked again for what already is: a letter that is under way stays so.
        if not tried and row["state"] not in UNFINISHED:
            raise Problem(STATE_CONFLICT, f"The mail is {row['state']}: there is none to send.")
        log.info("delivery_retried", delivery_id=str(id_), by=str(caller.principal.id))
        signals.wake(MAIL)
        return seen(row, caller.principal)

    return routes


def seen(row: Row, principal: Principal) -> dict[str, Any]:
    """Return the delivery as the person may see it: addresses for the meeting's organizer only."""
    address = None
    if row["organizer_id"] == principal.id:
        to_attendee = row["recipient"] == "attendee"
        address = row["email"] if to_attendee else row["event"]["organizer"]["email"]
    return {
        "id": str(row["id"]),
        "booking_id": str(row["booking_id"]),
        "organizer_id": str(row["organizer_id"]),
        "recipient": row["recipient"],
        "kind": row["kind"],
        "ics_sequence": row["ics_sequence"],
        "state": row["state"],
        "attempts": row["attempts"],
        "next_attempt_at": _z(row["next_attempt_at"]) if row["state"] in UNFINISHED else None,
        "last_error": row["last_error"],
        "smtp_code": row["smtp_code"],
        "message_id": row["message_id"],
        "created_at": _z(row["created_at"]),
        "sent_at": _z(row["sent_at"]),
        "address": address,
    }


def _z(instant: datetime | None) -> str | None:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z") if instant else None


def _no_such_delivery() -> Problem:
    return Problem(NOT_FOUND, "There is no such delivery.")
