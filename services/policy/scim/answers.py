"""What SCIM's clients get back: users, lists of them, and what the service can do."""

import hashlib
from typing import Any, Literal

from pydantic import BaseModel, Field

from services.policy.directory.provisioned import ProvisionedUser
from services.policy.scim.attributes import CORE

LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
MOST_LISTED = 200
_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:"


class Email(BaseModel):
    """The one mail address that is kept."""

    value: str
    type: Literal["work"] = "work"
    primary: Literal[True] = True


class Meta(BaseModel):
    """What the service says about a resource."""

    resourceType: Literal["User"] = "User"  # noqa: N815 # SCIM's names
    created: str
    lastModified: str  # noqa: N815
    location: str
    version: str


class ScimUser(BaseModel):
    """A user as SCIM has it; what is not known is left out."""

    schemas: list[str] = Field(default=[CORE])
    id: str
    externalId: str | None = None  # noqa: N815
    userName: str  # noqa: N815
    displayName: str | None = None  # noqa: N815
    active: bool
    emails: list[Email] | None = None
    meta: Meta


class ScimList(BaseModel):
    """One page of a list."""

    schemas: list[str] = Field(default=[LIST])
    totalResults: int  # noqa: N815
    startIndex: int  # noqa: N815
    itemsPerPage: int  # noqa: N815
    Resources: list[dict[str, Any]]


class ScimErrorBody(BaseModel):
    """Why something was refused."""

    schemas: list[str]
    status: str
    detail: str
    scimType: str | None = None  # noqa: N815


def user_of(found: ProvisionedUser, url: str) -> ScimUser:
    """Return the user with a version that is another one whenever something has changed."""
    entry = found.entry
    said = [entry.user_name, entry.external_id, entry.display_name, entry.mail, found.active]
    digest = hashlib.sha256(repr([*said, entry.version]).encode()).hexdigest()[:32]
    return ScimUser(
        id=str(entry.id),
        externalId=entry.external_id,
        userName=entry.user_name or "",
        displayName=entry.display_name,
        active=found.active,
        emails=[Email(value=entry.mail)] if entry.mail else None,
        meta=Meta(
            created=entry.since.isoformat(),
            lastModified=entry.changed_at.isoformat(),
            location=f"{url}/Users/{entry.id}",
            version=f'W/"{digest}"',
        ),
    )


def provider_config(url: str) -> dict[str, Any]:
    """Return what the service can do (RFC 7643, section 5)."""
    off = {"supported": False}
    return {
        "schemas": [f"{_SCHEMA}ServiceProviderConfig"],
        "patch": {"supported": True},
        "bulk": {**off, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": MOST_LISTED},
        "changePassword": off,
        "sort": off,
        "etag": {"supported": True},
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "Bearer token",
                "description": "The token that the service was set up with.",
                "primary": True,
            }
        ],
        "meta": _meta("ServiceProviderConfig", f"{url}/ServiceProviderConfig"),
    }


def resource_types(url: str) -> list[dict[str, Any]]:
    """Return the one kind of resource there is."""
    return [
        {
            "schemas": [f"{_SCHEMA}ResourceType"],
            "id": "User",
            "name": "User",
            "endpoint": "/Users",
            "description": "A user of the organization",
            "schema": CORE,
            "meta": _meta("ResourceType", f"{url}/ResourceTypes/User"),
        }
    ]


def schemas(url: str) -> list[dict[str, Any]]:
    """Return the attributes that are kept; others of RFC 7643 are taken and not kept."""
    parts = [_attribute("value", "string"), _attribute("type", "string")]
    attributes = [
        _attribute("userName", "string", required=True, uniqueness="server"),
        _attribute("displayName", "string"),
        _attribute("active", "boolean"),
        {
            **_attribute("emails", "complex", multi=True),
            "subAttributes": [*parts, _attribute("primary", "boolean")],
        },
    ]
    return [
        {
            "schemas": [f"{_SCHEMA}Schema"],
            "id": CORE,
            "name": "User",
            "description": "User Account",
            "attributes": attributes,
            "meta": _meta("Schema", f"{url}/Schemas/{CORE}"),
        }
    ]


def _attribute(
    name: str, kind: str, *, required: bool = False, multi: bool = False, uniqueness: str = "none"
) -> dict[str, Any]:
    return {
        "name": name,
        "type": kind,
        "multiValued": multi,
        "description": name,
        "required": required,
        "caseExact": False,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": uniqueness,
    }


def _meta(kind: str, location: str) -> dict[str, str]:
    return {"resourceType": kind, "location": location}
