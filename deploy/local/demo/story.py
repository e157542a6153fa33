"""The demo's story: what an organizer and a visitor do, through the public API."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from deploy.local.client import Api, Refused

VISITOR = "vera@example.test"
ORGANIZER = "anna@example.test"
WAIT_SECONDS = 15.0
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Played:
    """What the mails are compared with."""

    uid: str


def play(
    booking_url: str, availability_url: str, token: str, mailed: Callable[[int], None]
) -> Played:
    """Play the story, a line printed for each step.

    `mailed` waits until both parties have so many mails: a change that follows another at once
    would rightly withdraw the other's mail.
    """
    booking = f"{booking_url}/api/booking/v1"
    link = _prepare(Api(booking, {"Authorization": f"Bearer {token}"}))
    link_token = {"X-Link-Token": link["token"]}
    availability = f"{availability_url}/api/availability/v1"
    slots = _free_times(Api(availability, link_token, WAIT_SECONDS), link)
    booked = _book(Api(booking, link_token), link, slots[0]["start"])
    mailed(1)
    attendee = Api(booking, {"X-Manage-Token": booked["manage_token"]})
    _move(attendee, booked["id"], slots[2]["start"])
    mailed(2)
    _cancel(attendee, booked["id"])
    return Played(uid=booked["uid"])


def _prepare(anna: Api) -> Any:
    page = {
        "handle": "anna",
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
    """Wait until the policy has allowed the new page."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not anna.get("/page")["available"]:
        if time.monotonic() > deadline:
            raise Refused(f"the policy has not allowed the page within {WAIT_SECONDS:.0f} s.")
        time.sleep(0.05)


def _free_times(availability: Api, link: Any) -> list[dict[str, str]]:
    """Return the free times of the third day from now, as the visitor sees them."""
    first = datetime.now(UTC).date() + timedelta(days=3)
    asked = {
        "meeting_type_id": link["meeting_type_id"],
        "from": first.isoformat(),
        "to": (first + timedelta(days=1)).isoformat(),
        "time_zone": "America/New_York",
    }
    answer = availability.get(f"/slots?{urlencode(asked)}")
    if answer is None or len(answer["slots"]) < 3:
        raise Refused(f"availability offered too few times: {answer}")
    slots: list[dict[str, str]] = answer["slots"]
    print(f"a visitor in New York opens the link and sees {len(slots)} free times on {first}")
    return slots


def _book(visitor: Api, link: Any, start: str) -> Any:
    attendee = {"name": "Vera Visitor", "email": VISITOR, "time_zone": "America/New_York"}
    body = {"meeting_type_id": link["meeting_type_id"], "start": start, "attendee": attendee}
    booked = visitor.send("POST", "/bookings", body)
    print(f"the visitor books {start}: {booked['status']}")
    return booked


def _move(attendee: Api, booking_id: str, start: str) -> None:
    moved = attendee.send("POST", f"/bookings/{booking_id}/reschedule", {"start": start})
    if moved["start"] != start:
        raise Refused(f"the move to {start} is not done: {moved}")
    print(f"the visitor moves it to {start}")


def _cancel(attendee: Api, booking_id: str) -> None:
    cancelled = attendee.send(
        "POST", f"/bookings/{booking_id}/cancel", {"reason": "I found a job."}
    )
    print(f"the visitor cancels it: {cancelled['status']}")
