"""What booking's routes are built with, and who is asking."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Header, Request

from contracts.capabilities import MANAGE
from contracts.problem_types import FORBIDDEN
from services.booking import queries
from services.booking.domain import booking
from services.booking.domain.refusals import NotFound
from services.booking.domain.slot import Party
from services.booking.free_times import FreeTimesClient
from services.booking.handlers import pages
from services.booking.seeing import View, see
from services.booking.settings import BookingSettings
from services.booking.tables import VERDICTS
from services.booking.tokens import Tokens
from services.booking.web.attendee.forms import Forms
from services.chassis.events.retries import run_with_retries
from services.chassis.http.problems import Problem
from services.chassis.identity.bearer import Authenticator, Principal
from services.chassis.ids import parse_id
from services.chassis.postgres.database import Connection, Database
from services.chassis.postgres.signals import Signals, wait_for
from services.chassis.runtime.cause import acting

T = TypeVar("T")
ORGANIZER_ROLES = frozenset({"organizer", "administrator"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who acts on a booking: the organizer whose it is, or the holder of its manage token."""

    by: Party
    organizer_id: UUID | None


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts that routes share."""

    database: Database
    signals: Signals
    authenticator: Authenticator
    tokens: Tokens
    forms: Forms
    free_times: FreeTimesClient
    settings: BookingSettings
    told: Callable[[], None]

    @property
    def hold(self) -> timedelta:
        """Return how long a slot is held."""
        return timedelta(seconds=self.settings.hold_seconds)

    @property
    def are_secure(self) -> bool:
        """Whether people reach the pages encrypted, so that cookies may ask for it."""
        return self.settings.public_url.startswith("https:")

    async def organizer(self, request: Request) -> Principal:
        """Return the signed-in organizer; raise `unauthenticated` or `forbidden`."""
        principal = await self.authenticator.authenticate(request.headers.get("authorization"))
        if not principal.roles & ORGANIZER_ROLES:
            raise Problem(FORBIDDEN, "Your account has no booking page of its own.")
        acting(f"organizer:{principal.id}")
        return principal

    async def caller(self, request: Request, booking_id: UUID) -> Caller:
        """Return who acts on the booking; a foreign booking is not there."""
        token = request.headers.get(MANAGE.header)
        if token is not None:
            if self.booking_of(token) != booking_id:
                raise NotFound("booking")
            return Caller("attendee", None)
        principal = await self.organizer(request)
        async with self.database.connection() as connection:
            place = await queries.place_of(connection, booking_id)
        if place is None or place.organizer_id != principal.id:
            raise NotFound("booking")
        return Caller("organizer", principal.id)

    def booking_of(self, token: str) -> UUID:
        """Return the booking whose attendee holds the token."""
        booking_id = self.tokens.read_manage(token)
        if booking_id is None:
            raise NotFound("booking")
        acting("attendee")
        return booking_id

    def link_of(self, token: str | None) -> UUID | None:
        """Return the private link that the token opens; one that is not genuine opens nothing."""
        if token is None:
            return None
        link_id = self.tokens.read_link(token)
        if link_id is None:
            raise NotFound("link")
        return link_id

    async def read(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Read from the database."""
        async with self.database.connection() as connection:
            return await work(connection)

    async def write(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Carry a command out in a transaction, and wake who publishes it."""
        result = await run_with_retries(self.database, work)
        self.told()
        return result

    async def see(self, booking_id: UUID) -> View:
        """Return the booking as its organizer and manage token see it."""
        async with self.database.connection() as connection:
            return await see(connection, booking_id, self.tokens)

    async def settled(self, booking_id: UUID, *, wait: bool) -> View:
        """Return the booking once availability has answered, or after the longest wait."""
        deadline = time.monotonic() + (self.settings.verdict_wait_seconds if wait else 0)
        with self.signals.listening(VERDICTS, str(booking_id)) as answered:
            while True:
                view = await self.see(booking_id)
                left = deadline - time.monotonic()
                if _is_settled(view) or left <= 0:
                    return view
                await wait_for(answered, min(left, 0.5))

    async def decided(self, organizer_id: UUID) -> pages.Page:
        """Return the new page once the policy has decided about it, or after the longest wait."""
        deadline = time.monotonic() + self.settings.verdict_wait_seconds
        with self.signals.listening(VERDICTS, str(organizer_id)) as answered:
            while True:
                held = await self.read(lambda c: pages.load_page(c, organizer_id))
                left = deadline - time.monotonic()
                if held.state.access.verdict != "undecided" or left <= 0:
                    return held
                await wait_for(answered, min(left, 0.5))


def _is_settled(view: View) -> bool:
    match view.state:
        case booking.Held():
            return bool(view.body["verdict"] != "pending")
        case booking.Confirmed(move=move):
            return move is None or view.at >= move.expires_at
        case _:
            return True


def id_of(text: str, what: str) -> UUID:
    """Return the id in an address; a malformed one names nothing."""
    found = parse_id(text)
    if found is None:
        raise NotFound(what)
    return found


Prefer = Annotated[
    str | None, Header(description="`respond-async` does not wait for availability's verdict.")
]


def wants_to_wait(prefer: str | None) -> bool:
    """Whether the caller waits for availability's verdict."""
    return "respond-async" not in (prefer or "")
