"""The notifier over HTTP: what became of each mail, and one more try for those that failed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from contracts.capabilities import ORGANIZER_HEADER, organizers_at
from contracts.problem_types import FORBIDDEN, NOT_FOUND, STATE_CONFLICT, UNAUTHENTICATED
from services.chassis.http.documentation import BEARER
from services.chassis.http.listing import ListPage, cursor_of, list_page
from services.chassis.http.parts import parts_of
from services.chassis.http.problems import Problem, response
from services.chassis.http.routing import ApiRoute
from services.chassis.identity.bearer import Authenticator
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.ids import parse_id
from services.chassis.postgres.database import Database
from services.chassis.runtime.assembly import RefusalAnswer
from services.notifier import commands, queries, schemas, views
from services.notifier.domain.delivery import DeliveryStatus
from services.notifier.domain.refusals import DeliveryNotFound, NothingToRetry

OPERATOR_ROLES = frozenset({"operator", "administrator"})

routes = APIRouter(
    prefix="/api/notifier/v1", route_class=ApiRoute, tags=["deliveries"], dependencies=[BEARER]
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: somebody who sees all deliveries, or an organizer, who sees their own.

    In an organizer's name another of our services may ask.
    """

    id: UUID
    is_operator: bool = False

    @property
    def organizer_id(self) -> UUID | None:
        """Return whose deliveries the caller sees; None for all."""
        return None if self.is_operator else self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the routes work with."""

    database: Database
    keys: KeyRing
    authenticator: Authenticator
    wake_senders: Callable[[], None]

    async def caller(self, request: Request) -> Caller:
        """Return the operator or organizer who asks; raise `unauthenticated` or `forbidden`."""
        shown = request.headers.get(ORGANIZER_HEADER)
        if shown is not None:
            return Caller(self._organizer_in(shown))
        principal = await self.authenticator.authenticate(request.headers.get("authorization"))
        if not principal.roles & (OPERATOR_ROLES | {"organizer"}):
            raise Problem(FORBIDDEN, "Your account has nothing to do with mails.")
        return Caller(principal.id, is_operator=bool(principal.roles & OPERATOR_ROLES))

    def _organizer_in(self, token: str) -> UUID:
        grant = self.keys.read_any(organizers_at(datetime.now(UTC)), token)
        if grant is None:
            raise Problem(UNAUTHENTICATED, f"The token in {ORGANIZER_HEADER} is not good any more.")
        return grant.id


@routes.get("/deliveries")
async def get_deliveries(
    request: Request,
    booking_id: UUID | None = None,
    state: DeliveryStatus | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> ListPage[schemas.Delivery]:
    """Return the deliveries: an operator's list has all, an organizer's their own."""
    parts = parts_of(request, Parts)
    caller = await parts.caller(request)
    async with parts.database.connection() as connection:
        records = await queries.list_deliveries(
            connection,
            organizer_id=caller.organizer_id,
            booking_id=booking_id,
            status=state,
            cursor=cursor_of(cursor),
            limit=limit + 1,
        )
    return list_page([views.delivery(record, caller.id) for record in records], limit)


@routes.get("/undelivered")
async def get_undelivered(
    request: Request, limit: Annotated[int, Query(ge=1, le=200)] = 100
) -> schemas.UndeliveredBookings:
    """Return the caller's bookings of which a party was not reached, the newest first."""
    parts = parts_of(request, Parts)
    caller = await parts.caller(request)
    async with parts.database.connection() as connection:
        found = await queries.undelivered(connection, caller.id, limit)
    return views.undelivered(found)


@routes.post("/deliveries/{delivery_id}/retry")
async def retry_delivery(request: Request, delivery_id: str) -> schemas.Delivery:
    """Have a delayed or failed mail tried again, at once: an organizer one of their own."""
    parts = parts_of(request, Parts)
    caller = await parts.caller(request)
    id_ = parse_id(delivery_id)
    if id_ is None:
        raise DeliveryNotFound
    record = await commands.retry_delivery(
        parts.database, id_, by=caller.id, organizer_id=caller.organizer_id
    )
    parts.wake_senders()
    return views.delivery(record, caller.id)


async def _on_delivery_not_found(request: Request, error: Exception) -> Response:
    return response(Problem(NOT_FOUND, str(error)))


async def _on_nothing_to_retry(request: Request, error: Exception) -> Response:
    return response(Problem(STATE_CONFLICT, str(error)))


REFUSALS: dict[type[Exception], RefusalAnswer] = {
    DeliveryNotFound: _on_delivery_not_found,
    NothingToRetry: _on_nothing_to_retry,
}
