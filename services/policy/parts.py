"""What policy's routes and pages work with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, TypeVar
from uuid import UUID

from starlette.requests import Request

from contracts.problem_types import FORBIDDEN
from services.chassis.events.retries import run_with_retries
from services.chassis.http.problems import Problem
from services.chassis.identity.bearer import Authenticator, Principal
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.ids import person_named
from services.chassis.postgres.database import Connection, Database
from services.chassis.runtime.cause import acting
from services.chassis.sign_in.gate import Gate

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioning:
    """What SCIM needs: digests of the tokens that open it, none when it is off.

    `identity` is the attribute that has what the provider's tokens call the person.
    """

    tokens: frozenset[bytes]
    identity: Literal["userName", "externalId"]
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the routes work with."""

    database: Database
    authenticator: Authenticator
    organization_namespace: UUID
    notify_relay: Callable[[], None]
    gate: Gate
    keys: KeyRing
    provisioning: Provisioning

    async def administrator(self, request: Request) -> Principal:
        """Return the signed-in administrator; raise `unauthenticated` or `forbidden`."""
        principal = await self.authenticator.authenticate(request.headers.get("authorization"))
        if "administrator" not in principal.roles:
            raise Problem(FORBIDDEN, "Only administrators may see and change the policy.")
        acting(f"administrator:{principal.id}")
        return principal

    async def operator(self, request: Request) -> Principal:
        """Return the signed-in operator or administrator; raise as `administrator` does."""
        principal = await self.authenticator.authenticate(request.headers.get("authorization"))
        if not principal.roles & {"operator", "administrator"}:
            raise Problem(FORBIDDEN, "Only operators and administrators may do this.")
        return principal

    def user_id(self, user: str) -> UUID:
        """Return the id of a user named by it or by their identity."""
        return person_named(self.organization_namespace, user)

    async def read(self, query: Callable[[Connection], Awaitable[T]]) -> T:
        """Answer a question outside a transaction."""
        async with self.database.connection() as connection:
            return await query(connection)

    async def write(self, command: Callable[[Connection], Awaitable[T]]) -> T:
        """Carry a command out in a transaction, and let its events be published."""
        result = await run_with_retries(self.database, command)
        self.notify_relay()
        return result
