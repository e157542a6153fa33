"""SCIM as a provisioning client speaks it, with the bodies that Entra ID and Okta send."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from services.chassis.ids import new_id, person_id
from tests.component.policy.administration import Administration
from tests.component.provider import NAMESPACE

TOKEN = "scim-token-of-the-tests-0123456789abcdef"
SCIM = "/scim/v2"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


@dataclass(slots=True)
class Client:
    """A provisioning client with its token."""

    http: httpx.AsyncClient
    headers: dict[str, str] = field(default_factory=lambda: {"Authorization": f"Bearer {TOKEN}"})

    async def call(self, method: str, path: str, body: Any = None, **more: str) -> httpx.Response:
        """Send what a client sends; bytes go out as they are."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        kind = {"Content-Type": "application/scim+json"} if body is not None else {}
        return await self.http.request(
            method,
            SCIM + path,
            content=content if body is not None else None,
            headers={**self.headers, **kind, **headers},
        )

    async def created(self, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Create a user; return what is answered."""
        answer = await self.call("POST", "/Users", body or entra_user())
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def patch(self, user: dict[str, Any], *operations: Any) -> httpx.Response:
        """Send the operations."""
        return await self.call("PATCH", f"/Users/{user['id']}", patch(*operations))

    async def read(self, user: dict[str, Any]) -> dict[str, Any]:
        """Return the user as it is."""
        answer = await self.call("GET", f"/Users/{user['id']}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def patch(*operations: Any) -> dict[str, Any]:
    """Return the body of a patch."""
    return {"schemas": [PATCH], "Operations": list(operations)}


def somebody() -> str:
    """Return a user name that nobody else has."""
    return f"user-{new_id().hex[-12:]}@bridges.example"


def id_of(user_name: str) -> UUID:
    """Return the id of who signs in with that name."""
    return person_id(NAMESPACE, user_name)


def entra_user(user_name: str | None = None) -> dict[str, Any]:
    """Return what Entra ID sends by its default mappings."""
    name = user_name or somebody()
    return {
        "schemas": [CORE, ENTERPRISE],
        "externalId": f"external-{name}",
        "userName": name,
        "active": True,
        "displayName": "Agnes Ørsted",
        "emails": [{"primary": True, "type": "work", "value": name}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": "Agnes Ørsted", "familyName": "Ørsted", "givenName": "Agnes"},
        "title": "Engineer",
        "preferredLanguage": "da-DK",
        "addresses": [{"type": "work", "locality": "Odense", "postalCode": "5000"}],
        "phoneNumbers": [{"type": "mobile", "value": "12 34 56 78"}],
        "roles": [],
        ENTERPRISE: {"department": "Bridges", "employeeNumber": "17", "manager": {"value": "x"}},
    }


def okta_user(user_name: str | None = None, **more: Any) -> dict[str, Any]:
    """Return what Okta sends."""
    name = user_name or somebody()
    return {
        "schemas": [CORE],
        "userName": name,
        "name": {"givenName": "Test", "familyName": "User"},
        "emails": [{"primary": True, "value": name, "type": "work"}],
        "displayName": "Test User",
        "locale": "en-US",
        "externalId": f"00u-{name}",
        "groups": [],
        "password": "1mz050nq",
        "active": True,
        **more,
    }


def refusal(answer: httpx.Response) -> tuple[int, str | None]:
    """Return the status and scimType of an error that has SCIM's form."""
    body = answer.json()
    assert "application/scim+json" == answer.headers["content-type"]
    assert ([ERROR], str(answer.status_code)) == (body["schemas"], body["status"]), body
    assert body["detail"]
    return answer.status_code, body.get("scimType")


async def is_allowed(administration: Administration, user: dict[str, Any]) -> bool:
    """Return whether the user may have a page."""
    answer = await administration.call("GET", f"/users/{user['id']}/effective")
    return bool(answer.json()["enabled"])
