"""A change that an administrator asks for: previewed, planned, or carried out, all by one path."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.chassis.events.streams import AnyStream
from services.chassis.http.faults import pointer_to
from services.chassis.postgres.database import Connection
from services.policy import schemas
from services.policy.commands import UserAccess, change_organization, change_users
from services.policy.directory.entries import Description
from services.policy.directory.records import describe
from services.policy.domain import organization
from services.policy.domain.refusals import Invalid
from services.policy.domain.user import ChangeUserPolicy
from services.policy.preview import Preview, preview_organization, preview_users
from services.policy.store import ORGANIZATION, USER, OrganizationAggregate

What = Literal["organization", "user", "sharing_policy", "users"]
Body = schemas.OrganizationChange | schemas.UserChange | schemas.SharingChange | schemas.Import
BODIES: dict[What, type[Body]] = {
    "organization": schemas.OrganizationChange,
    "user": schemas.UserChange,
    "sharing_policy": schemas.SharingChange,
    "users": schemas.Import,
}
Outcome = OrganizationAggregate | list[UserAccess]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: `name` is the user's id or the sharing policy's name."""

    what: What
    name: str | None
    body: Body
    by: str
    id_of: Callable[[str], UUID]

    @property
    def stream(self) -> AnyStream | None:
        """Return the stream whose version the caller names; many users have none in common."""
        match self.what:
            case "users":
                return None
            case "user":
                return USER.stream(self.name)
            case _:
                return ORGANIZATION.stream()

    async def preview(self, connection: Connection, expected: int | None = None) -> Preview:
        """Return what the change would do; raise what the command would raise."""
        command = self._command()
        if isinstance(command, list):
            with self._at_its_row(command):
                return await preview_users(connection, command, expected)
        return await preview_organization(connection, command, expected)

    async def carry_out(self, connection: Connection, expected: int | None = None) -> Outcome:
        """Make the change."""
        command = self._command()
        if isinstance(command, list):
            with self._at_its_row(command):
                changed = await change_users(connection, command, expected)
            if isinstance(self.body, schemas.Import):
                await describe(connection, self._described(self.body))
            return changed
        return await change_organization(connection, command, expected)

    @contextmanager
    def _at_its_row(self, commands: list[ChangeUserPolicy]) -> Iterator[None]:
        """Let a fault of one user of an import point to that user's row."""
        try:
            yield
        except Invalid as fault:
            if self.what != "users" or fault.user_id is None:
                raise
            place = [each.user_id for each in commands].index(fault.user_id)
            raise Invalid(f"/users/{place}{fault.pointer}", str(fault)) from fault

    def _command(self) -> organization.Command | list[ChangeUserPolicy]:
        match self.body:
            case schemas.OrganizationChange() as body:
                return body.command(self.by)
            case schemas.SharingChange() as body:
                return body.command(str(self.name), self.by)
            case schemas.UserChange() as body:
                return [body.command(UUID(self.name), self.by)]
            case schemas.Import() as body:
                return self._imported(body)

    def _imported(self, body: schemas.Import) -> list[ChangeUserPolicy]:
        ids = [self.id_of(row.user) for row in body.users]
        _refuse_repeated(ids)
        return [
            ChangeUserPolicy(
                user_id=id_, patch=row.user_patch(), by=self.by, reason=row.reason or body.reason
            )
            for id_, row in zip(ids, body.users, strict=True)
        ]

    def _described(self, body: schemas.Import) -> list[Description]:
        named = [(row, self.id_of(row.user)) for row in body.users]
        return [
            Description(
                id=id_,
                source="csv",
                # Who is named by the id has told no name.
                user_name=None if str(id_) == row.user.lower() else row.user,
                display_name=row.display_name,
                mail=row.mail,
            )
            for row, id_ in named
        ]


def _refuse_repeated(ids: Sequence[UUID]) -> None:
    first: dict[UUID, int] = {}
    for place, id_ in enumerate(ids):
        if first.setdefault(id_, place) != place:
            pointer = pointer_to("users", place, "user").removeprefix("#")
            raise Invalid(pointer, f"This user is named in row {first[id_]} already.")
