"""Names of users and administrators for the pages; who is not known by name is known by id."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.policy.web.desk import Desk
from services.policy.web.rendering import HOME

USERS = f"{HOME}/users"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, and the address of their page here."""

    name: str
    href: str


async def people(desk: Desk, ids: Iterable[UUID]) -> Sequence[Person]:
    """Return the people with their names, in the order of the ids."""
    wanted = list(ids)
    known = await names_of(desk, wanted)
    return [Person(known.get(each, str(each)), desk.link(f"{USERS}/{each}")) for each in wanted]


async def names_of(desk: Desk, ids: Iterable[UUID]) -> Mapping[UUID, str]:
    """Return the names of those of them who are known by one."""
    own = desk.administrator
    return {own.id: own.name} if own.id in set(ids) else {}
