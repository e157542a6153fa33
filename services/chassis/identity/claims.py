"""What a provider's claims say of a person, whatever shape that provider gives them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.chassis.ids import person_id

_BETWEEN_ROLES = re.compile(r"[\s,]+")


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in person of the organization."""

    id: UUID
    identity: str
    roles: frozenset[str]
    name: str
    email: str


def principal(
    claims: Mapping[str, Any], namespace: UUID, *, identity_claim: str, roles_claim: str
) -> Principal | None:
    """Return whom the claims name, or None if they name nobody."""
    identity = _text(find(claims, identity_claim))
    if identity is None:
        return None
    return Principal(
        id=person_id(namespace, identity),
        identity=identity,
        roles=roles(find(claims, roles_claim)),
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
