"""The public API as its callers use it: an organizer, a visitor, an administrator."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from deploy.local.stack import LocalStack

ALL_DAY = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
BOOKING = "/api/booking/v1"
LONGEST_SECONDS = 30.0


def new_key() -> str:
    """Return a fresh Idempotency-Key."""
    return uuid.uuid4().hex


def after(days: int, hour: int = 0, minute: int = 0) -> str:
    """Return an instant so many days from now, as the API takes and gives it."""
    day = datetime.now(UTC).replace(hour=hour, minute=minute, second=0, microsecond=0)
    return stamp(day + timedelta(days=days))


def stamp(instant: datetime) -> str:
    """Return the instant as the API writes it."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def instant(text: str) -> datetime:
    """Read an instant of the API."""
    return datetime.fromisoformat(text)


def person(email: str, name: str = "Vera Visitor", **more: str) -> dict[str, str]:
    """Return an attendee as the API takes one."""
    return {"name": name, "email": email, "time_zone": "America/New_York", "locale": "en", **more}


async def wait_until(
    condition: Callable[[], Awaitable[Any]], seconds: float, what: str = "it"
) -> Any:
    """Return the condition's first true value; fail when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        found = await condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what} was not there after {seconds} s"
        await asyncio.sleep(0.05)


@dataclass(frozen=True, slots=True)
class Caller:
    """A client of one service; each command has a key of its own unless one is given."""

    http: httpx.AsyncClient
    headers: dict[str, str]

    async def get(self, path: str, headers: dict[str, str] | None = None, **query: Any) -> Any:
        """Read."""
        return await self.http.get(path, params=query, headers={**self.headers, **(headers or {})})

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Send a command."""
        all_headers = {**self.headers, "Idempotency-Key": key or new_key(), **(headers or {})}
        return await self.http.request(method, path, json=body, headers=all_headers)


class StackClients:
    """The clients of one stack, over shared connections."""

    def __init__(self, stack: LocalStack) -> None:
        self.stack = stack
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
        self._clients = {
            service: httpx.AsyncClient(
                base_url=stack.url(service), timeout=LONGEST_SECONDS, limits=limits, trust_env=False
            )
            for service in ("booking", "availability", "notifier", "policy", "inbox")
        }

    async def close(self) -> None:
        """Close the connections."""
        for client in self._clients.values():
            await client.aclose()

    def client(self, service: str) -> httpx.AsyncClient:
        """Return the connections to a service."""
        return self._clients[service]

    def signed_in(self, name: str, service: str = "booking") -> Caller:
        """Return a demo person as a caller."""
        token = self.stack.token(name)
        return Caller(self._clients[service], {"Authorization": f"Bearer {token}"})

    def visitor(self, link_token: str | None = None) -> "Visitor":
        """Return somebody without an account, perhaps with a private link."""
        return self._visitor(self._clients["booking"], link_token)

    def _visitor(self, booking: httpx.AsyncClient, link_token: str | None) -> "Visitor":
        held = {"X-Link-Token": link_token} if link_token else {}
        return Visitor(Caller(booking, held), self._clients["availability"])

    async def organizer(self, name: str, **page: Any) -> "Organizer":
        """Return a demo organizer whose page is open."""
        organizer = Organizer(name, self.stack.organizer_id(name), self.signed_in(name), self)
        await organizer.open_page(**page)
        return organizer


@dataclass(frozen=True, slots=True)
class Organizer:
    """A demo organizer with a page."""

    name: str
    id: str
    caller: Caller
    clients: StackClients

    @property
    def email(self) -> str:
        """Where this organizer's mail goes."""
        return f"{self.name}@example.test"

    async def open_page(self, **page: Any) -> None:
        """Make and publish the page, and wait until the policy lets it be open."""
        body = {
            "handle": self.name,
            "time_zone": "Europe/Copenhagen",
            **page,
        }
        made = await self.caller.send("PUT", f"{BOOKING}/page", body)
        assert made.status_code in (200, 201), made.text
        published = await self.caller.send("POST", f"{BOOKING}/page/publish")
        assert published.status_code == 200, published.text

        async def is_open() -> bool:
            seen = await self.caller.get(f"{BOOKING}/page")
            return bool(seen.json()["available"])

        await wait_until(is_open, 10, f"the page of {self.name}")

    async def meeting_type(self, **wanted: Any) -> dict[str, Any]:
        """Make a meeting type for all hours; a public one is offered when this returns."""
        body = {
            "title": "Interview",
            "slug": f"t-{new_key()[:12]}",
            "duration_minutes": 30,
            "visibility": "public",
            "weekly_hours": ALL_DAY,
            "min_lead_minutes": 0,
            "location": {"kind": "in_person", "address": "Workshop, second floor"},
            **wanted,
        }
        made = await self.caller.send("POST", f"{BOOKING}/meeting-types", body)
        assert made.status_code == 201, made.text
        kind: dict[str, Any] = made.json()
        if kind["visibility"] == "public":
            await self._until_offered(kind["id"], self.clients.visitor())
        return kind

    async def link(self, type_id: str, **wanted: Any) -> dict[str, Any]:
        """Issue a private link, and wait until it opens its times."""
        path = f"{BOOKING}/meeting-types/{type_id}/links"
        made = await self.caller.send("POST", path, wanted)
        assert made.status_code == 201, made.text
        issued: dict[str, Any] = made.json()
        await self._until_offered(type_id, self.clients.visitor(issued["token"]))
        return issued

    async def _until_offered(self, type_id: str, visitor: "Visitor") -> None:
        async def is_offered() -> bool:
            seen = await visitor.slots(type_id, after(2), after(3))
            return seen.status_code == 200 and bool(seen.json()["slots"])

        await wait_until(is_offered, 10, "the meeting type's times")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody without an account."""

    caller: Caller
    availability: httpx.AsyncClient

    async def slots(self, type_id: str, begin: str, end: str, **query: str) -> httpx.Response:
        """Ask for the free times."""
        asked = {"meeting_type_id": type_id, "from": begin, "to": end, **query}
        return await self.availability.get(
            "/api/availability/v1/slots", params=asked, headers=self.caller.headers
        )

    async def starts(self, type_id: str, begin: str, end: str) -> list[str]:
        """Return the free starts."""
        seen = await self.slots(type_id, begin, end)
        assert seen.status_code == 200, seen.text
        return [slot["start"] for slot in seen.json()["slots"]]

    async def book(
        self, type_id: str, start: str, email: str, key: str | None = None, **headers: str
    ) -> httpx.Response:
        """Reserve and confirm in one call."""
        body = {"meeting_type_id": type_id, "start": start, "attendee": person(email)}
        return await self.caller.send("POST", f"{BOOKING}/bookings", body, key=key, headers=headers)

    async def reserve(self, type_id: str, start: str, **headers: str) -> httpx.Response:
        """Hold a time."""
        body = {"meeting_type_id": type_id, "start": start}
        return await self.caller.send("POST", f"{BOOKING}/bookings", body, headers=headers)

    async def change(
        self, booked: dict[str, Any], verb: str, body: Any = None, key: str | None = None
    ) -> httpx.Response:
        """Confirm, release, reschedule or cancel by the booking's manage token."""
        return await self.caller.send(
            "POST",
            f"{BOOKING}/bookings/{booked['id']}/{verb}",
            body,
            key=key,
            headers={"X-Manage-Token": booked["manage_token"]},
        )

    async def show(self, booked: dict[str, Any]) -> dict[str, Any]:
        """Look at the booking by its manage token."""
        token = {"X-Manage-Token": booked["manage_token"]}
        seen = await self.caller.get(f"{BOOKING}/bookings/{booked['id']}", headers=token)
        assert seen.status_code == 200, seen.text
        found: dict[str, Any] = seen.json()
        return found
