"""Names of users and administrators for the pages; who is not known by name is known by id."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.policy.directory.entries import Description
from services.policy.directory.records import entries_of
from services.policy.web.desk import Desk
from services.policy.web.rendering import HOME

USERS = f"{HOME}/users"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody by the name that they are known by, what tells them from others, and their page."""

    name: str
    about: str
    href: str


async def people(desk: Desk, ids: Iterable[UUID]) -> Sequence[Person]:
    """Return the people with their names, in the order of the ids."""
    wanted = list(ids)
    known = await desk.parts.read(lambda c: entries_of(c, wanted)) if wanted else {}
    return [person(desk, each, known.get(each)) for each in wanted]


async def names_of(desk: Desk, ids: Iterable[UUID]) -> Mapping[UUID, str]:
    """Return what each of them is called."""
    wanted = list(dict.fromkeys(ids))
    found = await people(desk, wanted)
    own = {desk.administrator.id: desk.administrator.name}
    return {id_: own.get(id_, each.name) for id_, each in zip(wanted, found, strict=True)}


def person(desk: Desk, id_: UUID, entry: Description | None) -> Person:
    """Return somebody as the pages call them."""
    said = [entry.display_name, entry.user_name, entry.mail] if entry else []
    name, *more = [*dict.fromkeys(each for each in said if each), str(id_)]
    return Person(name, ", ".join(more[:2]), desk.link(f"{USERS}/{id_}"))
