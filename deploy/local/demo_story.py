"""The demo's story: what an organizer and a visitor do, through the public API."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

VISITOR = "vera@example.test"
ORGANIZER = "anna@example.test"
PATIENCE_SECONDS = 15.0
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Refused(Exception):
    """The API did not do what the story asks; says what it answered."""


@dataclass(frozen=True, slots=True)
class Played:
    """What came of it."""

    uid: str


@dataclass(frozen=True, slots=True)
class Api:
    """One service as somebody uses it."""

    client: httpx.Client
    headers: dict[str, str]

    def get(self, path: str) -> Any:
        """Return the document at the path."""
        answer = self.client.get(path, headers=self.headers)
        if answer.status_code != 200:
            raise Refused(f"GET {path} was answered {answer.status_code}: {answer.text}")
        return answer.json()

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send one request, a command with its Idempotency-Key; return the document."""
        told = {**self.headers, **headers, "Idempotency-Key": str(uuid.uuid4())}
        try:
            answer = self.client.request(method, path, json=body, headers=told)
        except httpx.HTTPError as fault:
            raise Refused(f"{method} {path} got no answer ({type(fault).__name__}).") from fault
        if answer.status_code not in (200, 201):
            raise Refused(f"{method} {path} was answered {answer.status_code}: {answer.text}")
        return answer.json()


def play(
    booking_url: str, availability_url: str, token: str, mailed: Callable[[int], None]
) -> Played:
    """Play the story, a line printed for each step.

    `mailed` waits until both parties have so many mails: a change at the heels of another
    would rightly take the other's mail back.
    """
    with httpx.Client(base_url=f"{booking_url}/api/booking/v1", timeout=15) as client:
        anna = Api(client, {"Authorization": f"Bearer {token}"})
        link = _prepare(anna)
        slots = _free_times(availability_url, link)
        visitor = Api(client, {"X-Link-Token": link["token"]})
        booked = _book(visitor, link, slots[0]["start"])
        mailed(1)
        holder = Api(client, {"X-Manage-Token": booked["manage_token"]})
        _move(holder, booked["id"], slots[2]["start"])
        mailed(2)
        _cancel(holder, booked["id"])
    return Played(uid=booked["uid"])


def _prepare(anna: Api) -> Any:
    page = {
        "handle": "anna",
        "display_name": "Anna",
        "email": ORGANIZER,
        "time_zone": "Europe/Copenhagen",
    }
    anna.send("PUT", "/page", page)
    anna.send("POST", "/page/publish")
    _until_available(anna)
    meeting_type = {
        "title": "Interview",
        "duration_minutes": 30,
        "visibility": "private",
        "weekly_hours": {day: [["09:00", "17:00"]] for day in DAYS},
        "location": {"kind": "in_person", "address": "Meeting room 1"},
    }
    made = anna.send("POST", "/meeting-types", meeting_type)
    print("anna publishes her page and makes the private meeting type 'Interview', 30 minutes")
    link = anna.send("POST", f"/meeting-types/{made['id']}/links", {"max_uses": 1})
    print(f"anna issues a single-use link, good until {link['expires_at'][:10]}")
    return link


def _until_available(anna: Api) -> None:
    """Wait until the policy has allowed the new page, as anna waits to see it open."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not anna.get("/page")["available"]:
        if time.monotonic() > deadline:
            raise Refused(f"the policy has not allowed the page within {PATIENCE_SECONDS:.0f} s.")
        time.sleep(0.05)


def _free_times(availability_url: str, link: Any) -> list[dict[str, str]]:
    """Return the free times of three days from now, as the visitor sees them."""
    first = datetime.now(UTC).date() + timedelta(days=3)
    asked = {
        "meeting_type_id": link["meeting_type_id"],
        "from": first.isoformat(),
        "to": (first + timedelta(days=1)).isoformat(),
        "time_zone": "America/New_York",
    }
    address = f"{availability_url}/api/availability/v1/slots"
    shown = {"X-Link-Token": link["token"]}
    deadline = time.monotonic() + PATIENCE_SECONDS
    answer = httpx.get(address, params=asked, headers=shown, timeout=15)
    while answer.status_code == 503 and time.monotonic() < deadline:
        time.sleep(int(answer.headers["Retry-After"]))
        answer = httpx.get(address, params=asked, headers=shown, timeout=15)
    if answer.status_code != 200 or len(answer.json()["slots"]) < 3:
        raise Refused(f"availability offered nothing: {answer.status_code} {answer.text}")
    slots: list[dict[str, str]] = answer.json()["slots"]
    print(f"a visitor in New York opens the link and sees {len(slots)} free times on {first}")
    return slots


def _book(visitor: Api, link: Any, start: str) -> Any:
    attendee = {"name": "Vera Visitor", "email": VISITOR, "time_zone": "America/New_York"}
    wish = {"meeting_type_id": link["meeting_type_id"], "start": start, "attendee": attendee}
    booked = visitor.send("POST", "/bookings", wish)
    print(f"the visitor books {start}: {booked['status']}")
    return booked


def _move(holder: Api, booking_id: str, start: str) -> None:
    moved = holder.send("POST", f"/bookings/{booking_id}/reschedule", {"start": start})
    if moved["start"] != start:
        raise Refused(f"the move to {start} is not done: {moved}")
    print(f"the visitor moves it to {start}")


def _cancel(holder: Api, booking_id: str) -> None:
    cancelled = holder.send("POST", f"/bookings/{booking_id}/cancel", {"reason": "I found a job."})
    print(f"the visitor cancels it: {cancelled['status']}")
