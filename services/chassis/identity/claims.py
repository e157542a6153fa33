"""What a provider's claims say of a person, whatever shape that provider gives them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.chassis.ids import person_id

_BETWEEN_ROLES = re.compile(r"[\s,]+")


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in person of the organization; `session` is the one of pages, empty for a token."""

    id: UUID
    identity: str
    roles: frozenset[str]
    name: str
    email: str
    session: str = ""


@dataclass(frozen=True, slots=True)
class ClaimNames:
    """Where a provider's claims say who somebody is; `role_groups` are the groups with a role."""

    identity: str = "sub"
    roles: str = "roles"
    groups: tuple[str, ...] = ("groups",)
    role_groups: Mapping[str, frozenset[str]] = field(default_factory=dict)


def role_groups(text: str) -> Mapping[str, frozenset[str]]:
    """Read `<role>=<group>[,<group>][;<role>=...]`; raise ValueError for anything else."""
    found: dict[str, frozenset[str]] = {}
    for entry in filter(None, (each.strip() for each in text.split(";"))):
        role, equals, said = (part.strip() for part in entry.partition("="))
        groups = frozenset(filter(None, (each.strip() for each in said.split(","))))
        if not role or not equals or not groups or role in found:
            raise ValueError("not each entry is a role of its own, an equals sign and groups")
        found[role] = groups
    return found


def principal(claims: Mapping[str, Any], namespace: UUID, names: ClaimNames) -> Principal | None:
    """Return whom the claims name, or None if they name nobody."""
    identity = _text(find(claims, names.identity))
    if identity is None:
        return None
    return Principal(
        id=person_id(namespace, identity),
        identity=identity,
        roles=roles(find(claims, names.roles)) | _roles_of_groups(claims, names),
        name=_text(claims.get("name")) or identity,
        email=_text(claims.get("email")) or "",
    )


def find(claims: Mapping[str, Any], name: str) -> Any:
    """Return the claim of this name, or at this path of names with dots between; else None.

    A literal name is preferred at each level, the longest first: names like addresses hold dots.
    """
    if name in claims:
        return claims[name]
    words = name.split(".")
    for count in range(len(words) - 1, 0, -1):
        inner = claims.get(".".join(words[:count]))
        if isinstance(inner, Mapping):
            found = find(inner, ".".join(words[count:]))
            if found is not None:
                return found
    return None


def _roles_of_groups(claims: Mapping[str, Any], names: ClaimNames) -> frozenset[str]:
    """Return the roles that the person's groups give; a group's name may hold blanks."""
    groups: set[str] = set()
    for name in names.groups if names.role_groups else ():
        claim = find(claims, name)
        said = claim if isinstance(claim, list) else [claim]
        groups.update(each for each in said if isinstance(each, str))
    return frozenset(role for role, of in names.role_groups.items() if of & groups)


def roles(claim: Any) -> frozenset[str]:
    """Return the roles of a list, or of a text with blanks or commas between; others give none."""
    if isinstance(claim, str):
        return frozenset(filter(None, _BETWEEN_ROLES.split(claim)))
    if isinstance(claim, list):
        return frozenset(filter(None, (each.strip() for each in claim if isinstance(each, str))))
    return frozenset()


def _text(claim: Any) -> str | None:
    """Return a text that can be kept and shown; no other type, nothing blank or unprintable."""
    return claim if isinstance(claim, str) and claim.strip() and claim.isprintable() else None
