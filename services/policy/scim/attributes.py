"""The attributes of a user in RFC 7643: which are kept, which are understood and not kept."""

from dataclasses import dataclass
from typing import Literal

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

Kind = Literal["text", "flag", "complex", "list"]
# `fixed` is set by the service alone; `dropped` is understood, and personal data without a use.
Role = Literal["kept", "dropped", "fixed"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a user."""

    name: str
    kind: Kind
    role: Role


_CORE = {
    ("text", "kept"): "userName externalId displayName",
    ("flag", "kept"): "active",
    ("list", "kept"): "emails",
    ("complex", "kept"): "name",
    ("text", "fixed"): "id",
    ("complex", "fixed"): "meta",
    ("list", "fixed"): "groups",
    ("text", "dropped"): "nickName profileUrl title userType preferredLanguage locale timezone "
    "password",
    ("list", "dropped"): "phoneNumbers ims photos addresses entitlements roles x509Certificates",
}
_ENTERPRISE = {
    ("text", "dropped"): "employeeNumber costCenter organization division department",
    ("complex", "dropped"): "manager",
}
_PARTS = (
    "value display displayName type primary $ref formatted familyName givenName middleName "
    "honorificPrefix honorificSuffix streetAddress locality region postalCode country "
    "resourceType created lastModified location version"
)
# In lower case.
SUB_ATTRIBUTES = frozenset(_PARTS.casefold().split())


def _table(rows: dict[tuple[Kind, Role], str]) -> dict[str, Attribute]:
    return {
        name.casefold(): Attribute(name, kind, role)
        for (kind, role), names in rows.items()
        for name in names.split()
    }


# By the schema's address and the attribute's name, both without regard to case.
SCHEMAS: dict[str, dict[str, Attribute]] = {
    CORE.casefold(): _table(_CORE),  # type: ignore[arg-type]  # literals in keys
    ENTERPRISE.casefold(): _table(_ENTERPRISE),  # type: ignore[arg-type]  # literals in keys
}
