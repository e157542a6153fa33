"""Policy's API as administrators use it, and booking as policy sees it."""

import itertools
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from contracts.booking import PageCreated
from contracts.topics import POLICY_EVENTS
from tests.component.kafka import OtherServices, TopicReader, eventually
from tests.component.provider import Provider
from tests.component.running import Running

API = "/api/policy/v1"
ORGANIZATION = "organization"
numbers = itertools.count(1)


@dataclass(slots=True)
class User:
    """Somebody whom policy may or may not know."""

    identity: str
    id: UUID

    def page_created(self) -> PageCreated:
        """Return the event of this person making a page."""
        return PageCreated(
            organizer_id=self.id,
            handle=self.identity,
            display_name="Anna",
            email=f"{self.identity}@bridges.example",
            time_zone="Europe/Copenhagen",
            locale="da",
            time_zone_locked=False,
        )


@dataclass(slots=True)
class Administration:
    """The running service with everything around it, in the hands of an administrator."""

    service: Running
    other_services: OtherServices
    topics: TopicReader
    sign_in: Provider

    @property
    def ada(self) -> dict[str, str]:
        """Return an administrator's sign-in."""
        return self.sign_in.signed_in("ada", "administrator")

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        by: dict[str, str] | None = None,
        **headers: str,
    ) -> httpx.Response:
        """Call the API, as an administrator unless told."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.service.http.request(
            method, API + path, json=body, headers={**(self.ada if by is None else by), **told}
        )

    async def change(self, path: str, reason: str = "A test", **body: Any) -> dict[str, Any]:
        """Change settings as they stand; return them."""
        tag = (await self.call("GET", path)).headers["etag"]
        sent = {"reason": reason, "confirm": True, **body}
        answer = await self.call("PATCH", path, sent, If_Match=tag)
        assert answer.status_code == 200, answer.text
        changed: dict[str, Any] = answer.json()
        return changed

    async def organization(self, enabled: bool | None, mode: str = "both_must_allow") -> None:
        """Bring the organization to these settings."""
        await self.change("/organization", EwsEnabled=enabled, mode=mode)
        await self.applied()

    async def applied(self) -> None:
        """Wait until every user is decided by the policy as it stands."""

        async def is_applied() -> bool:
            return not await self.service.rows("SELECT 1 FROM timers WHERE kind = 'rollout'")

        await eventually(is_applied, "the run over all users")

    async def sharing(self, name: str = "Default Sharing Policy", **body: Any) -> dict[str, Any]:
        """Change a sharing policy, or make one; return it."""
        sent = {"reason": "A test", "confirm": True, **body}
        answer = await self.call("PUT", f"/sharing-policies/{name}", sent, If_Match="*")
        assert answer.status_code == 200, answer.text
        changed: dict[str, Any] = answer.json()
        return changed

    def user(self) -> User:
        """Return somebody new."""
        identity = f"user-{next(numbers)}"
        return User(identity, self.sign_in.id_of(identity))

    async def known(self, enabled: bool | None = None) -> User:
        """Return a user whose switch stands so, and whose access is decided."""
        user = self.user()
        await self.change(f"/users/{user.id}", EwsEnabled=enabled)
        return user

    async def decisions(self, user: User, count: int) -> list[str]:
        """Return the names of the user's events, at least so many."""
        found = await self.topics.until(
            POLICY_EVENTS, user.id, lambda received: len(received) >= count
        )
        return [each.kind for each in found]

    async def events(self, key: object) -> list[str]:
        """Return the names of the stored events of a user or the organization."""
        rows = await self.service.rows(
            "SELECT type FROM events WHERE partition_key = %s ORDER BY sequence", str(key)
        )
        return [row["type"] for row in rows]


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Return the status and kind of a problem."""
    body = answer.json()
    assert body["status"] == answer.status_code, answer.text
    return answer.status_code, body["type"].removeprefix("/problems/")
