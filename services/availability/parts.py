"""What availability's routes work with."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from starlette.requests import Request

from contracts.capabilities import ORGANIZER_HEADER, Capability, organizers_at
from contracts.problem_types import FORBIDDEN, UNAUTHENTICATED
from contracts.roles import WITH_PAGE
from services.availability.calendars.sync import CalendarContext
from services.chassis.http.documentation import token_header
from services.chassis.http.problems import Problem
from services.chassis.identity.bearer import Authenticator, Principal
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.postgres.database import Database

ORGANIZER_TOKEN = token_header(
    ORGANIZER_HEADER, "organizer_token", "Another service's, in whose organizer's name it asks."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the routes work with."""

    database: Database
    keys: KeyRing
    authenticator: Authenticator
    calendars: CalendarContext

    def id_in(self, token: str, capability: Capability) -> UUID | None:
        """Return whom the token opens, None if it is not genuine."""
        grant = self.keys.read(capability, token)
        return grant.id if grant else None

    def acting_organizer(self, request: Request) -> UUID | None:
        """Return the organizer in whose name another of our services asks.

        Raises `unauthenticated` for an old token.
        """
        token = request.headers.get(ORGANIZER_HEADER)
        if token is None:
            return None
        grant = self.keys.read_any(organizers_at(datetime.now(UTC)), token)
        if grant is None:
            raise Problem(UNAUTHENTICATED, f"The token in {ORGANIZER_HEADER} is not good any more.")
        return grant.id

    async def caller(self, request: Request) -> UUID:
        """Return who is signed in, or the organizer in whose name another service asks."""
        acting = self.acting_organizer(request)
        return (await self._signed_in(request)).id if acting is None else acting

    async def organizer(self, request: Request) -> UUID:
        """Return the organizer who asks, or in whose name another service does.

        Raises `unauthenticated`, and `forbidden` for somebody who may have no page.
        """
        acting = self.acting_organizer(request)
        if acting is not None:
            return acting
        principal = await self._signed_in(request)
        if not principal.roles & WITH_PAGE:
            raise Problem(FORBIDDEN, "Your account has no booking page of its own.")
        return principal.id

    async def _signed_in(self, request: Request) -> Principal:
        return await self.authenticator.authenticate(request.headers.get("authorization"))
