"""The demo organizer of the screens: a page, its types, its links; everything through the API."""

from dataclasses import dataclass
from typing import Any

from tests.e2e.client import BOOKING, Organizer, StackClients, new_key

OFFICE = {day: [["09:00", "12:00"], ["13:00", "16:00"]] for day in ("mon", "tue", "wed", "thu")}
TOPICS = ["The new website", "A cooperation", "Something else"]
ROOM = {"kind": "in_person", "address": "Havnegade 12, second floor, Copenhagen"}


@dataclass(frozen=True, slots=True)
class Organization:
    """What the screens show: the organizer and their types by slug."""

    organizer: Organizer
    kinds: dict[str, dict[str, Any]]

    async def link(self, slug: str, **wanted: Any) -> dict[str, Any]:
        """Return a private link to the type."""
        path = f"{BOOKING}/meeting-types/{self.kinds[slug]['id']}/links"
        made = await self.organizer.caller.send("POST", path, wanted)
        assert made.status_code == 201, made.text
        issued: dict[str, Any] = made.json()
        return issued

    async def act(self, booking_id: str, verb: str, body: Any = None) -> None:
        """Do something to a booking as its organizer."""
        path = f"{BOOKING}/bookings/{booking_id}/{verb}"
        done = await self.organizer.caller.send("POST", path, body)
        assert done.status_code < 300, done.text

    async def cancel(self, booking_id: str) -> None:
        """Call a booking off, if that is still possible."""
        await self.organizer.caller.send("POST", f"{BOOKING}/bookings/{booking_id}/cancel", {})


def _types() -> list[dict[str, Any]]:
    question = {"id": "topic", "label": "What is it about?", "kind": "choice", "choices": TOPICS}
    notes = {"id": "notes", "label": "Anything I should read before?", "kind": "long_text"}
    agree = {"id": "agree", "label": "I may be called if the line breaks", "kind": "checkbox"}
    asked = [{**question, "required": True}, {**notes, "required": False}]
    asked.append({**agree, "required": False})
    online = {"kind": "online", "provider": "url", "url_template": "https://meet.example.org/anna"}
    call = {"kind": "phone", "who_calls": "organizer"}
    words = "A first talk about what you plan.\nBring whatever you have; a sketch is enough."
    return [
        {"slug": "introduction", "title": "Introduction", "description": words, "location": ROOM},
        {
            "slug": "consultation",
            "title": "Consultation",
            "description": "We look at one question in depth.",
            "durations_minutes": [30, 45, 60],
            "duration_minutes": None,
            "locations": [ROOM, online, call],
            "location": None,
            "questions": asked,
        },
        {"slug": "verified", "title": "Open office hour", "verification_required": True},
        {"slug": "approved", "title": "Press interview", "approval_required": True},
        {
            "slug": "far-ahead",
            "title": "Summer workshop: an introduction to Donaudampfschifffahrtsgesellschaften",
            "min_lead_minutes": 45 * 24 * 60,
            "max_lead_minutes": 200 * 24 * 60,
        },
        {"slug": "in-depth", "title": "In depth", "visibility": "private", "duration_minutes": 60},
    ]


async def organization(clients: StackClients, name: str = "anna") -> Organization:
    """Make the organizer's page with its types, or find what an earlier run has made."""
    organizer = await clients.organizer(name)
    listed = await organizer.caller.get(f"{BOOKING}/meeting-types", limit=100)
    found = {each["slug"]: each for each in listed.json()["items"]}
    for wanted in _types():
        if wanted["slug"] in found:
            continue
        body = {
            "duration_minutes": 30,
            "visibility": "public",
            "hours": "custom",
            "weekly_hours": OFFICE,
            "location": ROOM,
            **wanted,
        }
        made = await organizer.caller.send(
            "POST",
            f"{BOOKING}/meeting-types",
            {name: value for name, value in body.items() if value is not None},
            key=new_key(),
        )
        assert made.status_code == 201, made.text
        found[wanted["slug"]] = made.json()
    return Organization(organizer, found)
