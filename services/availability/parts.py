"""What availability's routes work with."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from starlette.requests import Request

from contracts.capabilities import ORGANIZER_HEADER, Capability, organizers_at
from contracts.problem_types import UNAUTHENTICATED
from services.availability.calendars.sync import CalendarContext
from services.chassis.http.documentation import token_header
from services.chassis.http.problems import Problem
from services.chassis.identity.bearer import Authenticator
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

    async def organizer(self, request: Request) -> UUID:
        """Return the organizer who asks, or in whose name another service does."""
        acting = self.acting_organizer(request)
        if acting is not None:
            return acting
        shown = request.headers.get("authorization")
        return (await self.authenticator.authenticate(shown)).id
