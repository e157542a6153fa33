"""The running booking service with its API, and a fake availability that gives verdicts."""

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


def from_now(**ahead: float) -> str:
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
class FakeAvailability:
    """Gives a verdict on each reservation of its organizers: rejected by the rules in `rejections`.

    An organizer in `silent` gets no verdict until the test calls `answer`.
    """

    other_services: OtherServices
    organizers: set[UUID] = field(default_factory=set)
    silent: set[UUID] = field(default_factory=set)
    rejections: dict[UUID, tuple[str, ...]] = field(default_factory=dict)

    async def on_record(self, received: ReceivedRecord) -> None:
        """Give the verdict on a reservation, in the order in which they come."""
        if received.record.topic != BOOKING_EVENTS or received.kind != "SlotReserved":
            return
        organizer_id = received.event.organizer_id
        if organizer_id in self.organizers and organizer_id not in self.silent:
            await self.answer(received, *self.rejections.get(organizer_id, ()))

    async def answer(self, received: ReceivedRecord, *rules: str, **changes: Any) -> None:
        """Accept the reserved time, or reject it by these rules."""
        cause = {"causation_id": received.header("ce_id"), **changes}
        await self.other_services.publish(verdict(received.event, *rules), **cause)


def verdict(reserved: SlotReserved, *rules: str) -> SlotAccepted | SlotRejected:
    """Return the verdict on the reservation: rejected by the rules, accepted without any."""
    kind = SlotRejected if rules else SlotAccepted
    return kind(
        booking_id=reserved.booking_id,
        organizer_id=reserved.organizer_id,
        start=reserved.start,
        end=reserved.end,
        purpose=reserved.purpose,
        checked_at=datetime.now(UTC),
        reasons=tuple(Reason(rule=rule, detail="As the calendar has it.") for rule in rules),
    )


@dataclass(slots=True)
class Organizer:
    """A signed-in organizer; each test has one of its own."""

    service: "BookingService"
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
        hyphenated = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.service.call(method, path, body, {**self.headers, **hyphenated})

    async def body_of(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Return the body of the answer, which must be a success."""
        answer = await self.call(method, path, body, **headers)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def meeting_type(self, **changes: Any) -> dict[str, Any]:
        """Create a public meeting type of half an hour."""
        number = next(numbers)
        asked = {"title": f"Coffee {number}", "duration_minutes": 30, **changes}
        made: dict[str, Any] = await self.body_of("POST", "/meeting-types", asked)
        return made

    async def link(self, kind: dict[str, Any], **limits: Any) -> dict[str, Any]:
        """Issue a private link, single use unless said otherwise."""
        asked = {"max_uses": 1, **limits}
        made: dict[str, Any] = await self.body_of(
            "POST", f"/meeting-types/{kind['id']}/links", asked
        )
        return made

    async def read_link(self, link: dict[str, Any]) -> dict[str, Any]:
        """Return the link as it stands."""
        seen: dict[str, Any] = await self.body_of("GET", f"/links/{link['id']}")
        return seen

    async def events(self) -> list[str]:
        """Return the names of all events of the organizer, in the order of commits."""
        found = await self.service.booking.rows(
            "SELECT type FROM events WHERE partition_key = %s ORDER BY sequence", str(self.id)
        )
        return [row["type"] for row in found]


@dataclass(slots=True)
class BookingService:
    """A process of booking, and what it works with in a test."""

    booking: Running
    other_services: OtherServices
    availability: FakeAvailability
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

    def without_page(self, *roles: str) -> Organizer:
        """Return a signed-in organizer who has no page."""
        identity = f"anna-{next(numbers)}"
        headers = self.sign_in.signed_in(identity, *(roles or EVERYBODY))
        id_ = self.sign_in.id_of(identity)
        self.availability.organizers.add(id_)
        return Organizer(self, identity, id_, headers)

    async def organizer(self) -> Organizer:
        """Return an organizer whose page is open."""
        organizer = self.without_page()
        _, page = await asyncio.gather(
            self.grant(organizer), organizer.body_of("PUT", "/page", organizer.profile)
        )
        assert not page["published"]
        page = await organizer.body_of("POST", "/page/publish")
        assert page["available"]
        # Tests make the types that they need; what a page begins with has tests of its own.
        for kind in (await organizer.body_of("GET", "/meeting-types"))["items"]:
            await organizer.body_of("DELETE", f"/meeting-types/{kind['id']}")
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
        hyphenated = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {"X-Manage-Token": booking["manage_token"], **hyphenated}
        return await self.call("POST", f"/bookings/{booking['id']}/{action}", body, given)

    async def read(self, booking: dict[str, Any]) -> dict[str, Any]:
        """Return the booking as its manage token sees it now."""
        token = {"X-Manage-Token": booking["manage_token"]}
        answer = await self.call("GET", f"/bookings/{booking['id']}", headers=token)
        assert answer.status_code == 200, answer.text
        seen: dict[str, Any] = answer.json()
        return seen

    async def wait_until(self, booking: dict[str, Any], **wanted: Any) -> dict[str, Any]:
        """Return the booking once its fields have these values."""

        async def seen() -> dict[str, Any] | None:
            found = await self.read(booking)
            return found if wanted.items() <= found.items() else None

        awaited: dict[str, Any] = await eventually(seen, f"a booking with {wanted}")
        return awaited

    @asynccontextmanager
    async def another_process(self, *roles: str, **changes: Any) -> AsyncIterator["BookingService"]:
        """Run one more process on the same database, with other settings or roles."""
        # model_copy does not check the bounds of settings, so a deadline can be shorter in a test.
        chosen = self.settings.model_copy(update={"instance": f"{next(numbers)}", **changes})
        async with running(build, chosen, *(roles or ("http",))) as process:
            yield BookingService(
                process, self.other_services, self.availability, self.topics, self.sign_in, chosen
            )


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Return the status and type of a problem, whose detail is a sentence."""
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert body["status"] == answer.status_code
    assert body["detail"].endswith("."), body
    return answer.status_code, body["type"].removeprefix("/problems/")


def pointers(answer: httpx.Response) -> set[str]:
    """Return the pointers to the faults of an invalid request."""
    assert problem(answer) == (422, "invalid")
    return {fault["pointer"] for fault in answer.json()["errors"]}
