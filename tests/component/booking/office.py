"""Booking's API as its callers use it, and availability as booking sees it."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from contracts.availability import SlotAccepted, SlotRejected
from contracts.booking import SlotReserved
from contracts.policy import AccessGranted, AccessWithdrawn
from contracts.topics import BOOKING_EVENTS
from contracts.values import Reason
from services.booking.app import build
from services.booking.settings import BookingSettings
from services.chassis.ids import new_id
from tests.component.kafka import OtherServices, ReceivedRecord, TopicReader, eventually
from tests.component.provider import Provider
from tests.component.running import Running, running

API = "/api/booking/v1"
EVERYBODY = ("organizer",)
numbers = itertools.count(1)


def day(days: float, hour: int = 10, minute: int = 0) -> str:
    """Return a full minute so many days from now, as the API takes it."""
    today = datetime.now(UTC).replace(hour=hour, minute=minute, second=0, microsecond=0)
    return stamp(today + timedelta(days=days))


def soon(**ahead: float) -> str:
    """Return the instant that far from now."""
    return stamp(datetime.now(UTC) + timedelta(**ahead))


def stamp(instant: datetime) -> str:
    """Return the instant as the API gives it."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def key() -> str:
    """Return a fresh Idempotency-Key."""
    return new_id().hex


def vera(**changes: Any) -> dict[str, Any]:
    """Return a visitor as the API takes one."""
    return {
        "name": "Vera Visitor",
        "email": "vera@visitors.example",
        "time_zone": "America/New_York",
        "locale": "en",
        **changes,
    }


@dataclass(slots=True)
class Availability:
    """Answers the reservations of the organizers that it knows, as a test tells it to."""

    other_services: OtherServices
    knows: set[UUID] = field(default_factory=set)
    silent: set[UUID] = field(default_factory=set)
    against: dict[UUID, tuple[str, ...]] = field(default_factory=dict)

    async def on_record(self, received: ReceivedRecord) -> None:
        """Answer a reservation; availability does so in the order in which they come."""
        if received.record.topic != BOOKING_EVENTS or received.kind != "SlotReserved":
            return
        organizer_id = received.event.organizer_id
        if organizer_id in self.knows and organizer_id not in self.silent:
            await self.answer(received, *self.against.get(organizer_id, ()))

    async def answer(self, received: ReceivedRecord, *against: str, **changes: Any) -> None:
        """Accept the reserved time, or reject it by these rules."""
        cause = {"causation_id": received.header("ce_id"), **changes}
        await self.other_services.publish(verdict(received.event, *against), **cause)


def verdict(reserved: SlotReserved, *against: str) -> SlotAccepted | SlotRejected:
    """Return the answer to the reservation."""
    kind = SlotRejected if against else SlotAccepted
    return kind(
        booking_id=reserved.booking_id,
        organizer_id=reserved.organizer_id,
        start=reserved.start,
        end=reserved.end,
        purpose=reserved.purpose,
        checked_at=datetime.now(UTC),
        reasons=tuple(Reason(rule=rule, detail="As the calendar has it.") for rule in against),
    )


@dataclass(slots=True)
class Organizer:
    """Somebody with a page; each test has one of its own."""

    office: "Office"
    identity: str
    id: UUID
    headers: dict[str, str]

    @property
    def profile(self) -> dict[str, Any]:
        """Return what the page says."""
        return {
            "handle": self.identity,
            "display_name": "Anna (Department of Bridges)",
            "email": f"{self.identity}@bridges.example",
            "time_zone": "Europe/Copenhagen",
            "locale": "da",
        }

    async def call(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> httpx.Response:
        """Call the API signed in."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.office.call(method, path, body, {**self.headers, **told})

    async def has(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Return the body of an answer that must be a success."""
        answer = await self.call(method, path, body, **headers)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def meeting_type(self, **changes: Any) -> dict[str, Any]:
        """Create a public meeting type of half an hour."""
        number = next(numbers)
        asked = {"title": f"Coffee {number}", "duration_minutes": 30, **changes}
        made: dict[str, Any] = await self.has("POST", "/meeting-types", asked)
        return made

    async def link(self, kind: dict[str, Any], **limits: Any) -> dict[str, Any]:
        """Issue a private link, single use unless told."""
        asked = {"max_uses": 1, **limits}
        made: dict[str, Any] = await self.has("POST", f"/meeting-types/{kind['id']}/links", asked)
        return made

    async def seen_link(self, link: dict[str, Any]) -> dict[str, Any]:
        """Return the link as it stands."""
        seen: dict[str, Any] = await self.has("GET", f"/links/{link['id']}")
        return seen

    async def events(self) -> list[str]:
        """Return the names of all events of the organizer, in the order of commits."""
        found = await self.office.booking.rows(
            "SELECT type FROM events WHERE partition_key = %s ORDER BY sequence", str(self.id)
        )
        return [row["type"] for row in found]


@dataclass(slots=True)
class Office:
    """The running service with everything around it."""

    booking: Running
    other_services: OtherServices
    availability: Availability
    topics: TopicReader
    sign_in: Provider
    settings: BookingSettings

    async def call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Call the API."""
        return await self.booking.http.request(
            method, API + path, json=body, headers=headers, timeout=30
        )

    def stranger(self, *roles: str) -> Organizer:
        """Return somebody who has signed in and has no page."""
        identity = f"anna-{next(numbers)}"
        headers = self.sign_in.signed_in(identity, *(roles or EVERYBODY))
        id_ = self.sign_in.id_of(identity)
        self.availability.knows.add(id_)
        return Organizer(self, identity, id_, headers)

    async def organizer(self) -> Organizer:
        """Return an organizer whose page is open."""
        organizer = self.stranger()
        _, page = await asyncio.gather(
            self.grant(organizer), organizer.has("PUT", "/page", organizer.profile)
        )
        assert not page["published"]
        page = await organizer.has("POST", "/page/publish")
        assert page["available"]
        return organizer

    async def grant(self, organizer: Organizer) -> None:
        """Let the policy allow the organizer's page."""
        await self.other_services.publish(
            AccessGranted(user_id=organizer.id, rule="ews_enabled", decided_by="default")
        )

    async def withdraw(self, organizer: Organizer) -> None:
        """Let the policy deny the organizer's page."""
        await self.other_services.publish(
            AccessWithdrawn(user_id=organizer.id, rule="ews_enabled", decided_by="organization")
        )

    async def reserve(
        self, kind: dict[str, Any], start: str, *, token: str | None = None, **more: Any
    ) -> httpx.Response:
        """Ask for a time as a visitor; with an `attendee` it is confirmed in the same call."""
        headers = {"X-Link-Token": token} if token else {}
        if "key" in more:
            headers["Idempotency-Key"] = more.pop("key")
        if not more.pop("wait", True):
            headers["Prefer"] = "respond-async"
        asked = {"meeting_type_id": kind["id"], "start": start, **more}
        return await self.call("POST", "/bookings", asked, headers)

    async def held(self, kind: dict[str, Any], start: str, **more: Any) -> dict[str, Any]:
        """Return a booking that holds the time."""
        answer = await self.reserve(kind, start, **more)
        assert answer.status_code == 201, answer.text
        held: dict[str, Any] = answer.json()
        return held

    async def booked(self, kind: dict[str, Any], start: str, **more: Any) -> dict[str, Any]:
        """Return a confirmed booking of Vera's."""
        booked = await self.held(kind, start, attendee=vera(), **more)
        assert booked["status"] == "confirmed"
        return booked

    async def manage(
        self, booking: dict[str, Any], action: str, body: Any = None, **headers: str
    ) -> httpx.Response:
        """Act on a booking by its manage token."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {"X-Manage-Token": booking["manage_token"], **told}
        return await self.call("POST", f"/bookings/{booking['id']}/{action}", body, given)

    async def see(self, booking: dict[str, Any]) -> dict[str, Any]:
        """Return the booking as its manage token sees it now."""
        token = {"X-Manage-Token": booking["manage_token"]}
        answer = await self.call("GET", f"/bookings/{booking['id']}", headers=token)
        assert answer.status_code == 200, answer.text
        seen: dict[str, Any] = answer.json()
        return seen

    async def until(self, booking: dict[str, Any], **wanted: Any) -> dict[str, Any]:
        """Return the booking once it is as wanted."""

        async def seen() -> dict[str, Any] | None:
            found = await self.see(booking)
            return found if wanted.items() <= found.items() else None

        awaited: dict[str, Any] = await eventually(seen, f"a booking with {wanted}")
        return awaited

    @asynccontextmanager
    async def another(self, *roles: str, **changes: Any) -> AsyncIterator["Office"]:
        """Run one more process on the same database, with other settings or roles."""
        # Past the bounds for people's settings, so that no test waits for a real deadline.
        held = self.settings.model_copy(update={"instance": f"{next(numbers)}", **changes})
        async with running(build, held, *(roles or ("http",))) as process:
            yield Office(
                process, self.other_services, self.availability, self.topics, self.sign_in, held
            )


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Return the status and kind of a problem, which says something to people."""
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert body["status"] == answer.status_code
    assert body["detail"].endswith("."), body
    return answer.status_code, body["type"].removeprefix("/problems/")


def pointers(answer: httpx.Response) -> set[str]:
    """Return what an invalid request is told to correct."""
    assert problem(answer) == (422, "invalid")
    return {fault["pointer"] for fault in answer.json()["errors"]}
