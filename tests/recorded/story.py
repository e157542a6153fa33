"""What is played to be recorded: anna and bo, their visitors, an administrator, and some faults."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.recorded.api import BOOKING, Answer, Api, Request, new_key, until

POLICY = "/api/policy/v1"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALL_DAY = {day: [["00:00", "24:00"]] for day in DAYS}
YEAR_MINUTES = 365 * 24 * 60
# No answer waits for a verdict: for what must stay pending.
AT_ONCE = {"Prefer": "respond-async"}


@dataclass
class Story:
    """The play so far: each thing under a name, with the answer that made it."""

    api: Api
    hold: Callable[[str], None]
    """Takes a part of the stack away."""
    quiet: Callable[[], None]
    """Waits until the outboxes are empty and all letters are gone."""
    types: dict[str, Any] = field(default_factory=dict)
    links: dict[str, Any] = field(default_factory=dict)
    bookings: dict[str, Any] = field(default_factory=dict)
    repeatable: list[tuple[Request, Answer]] = field(default_factory=list)
    """Commands with their keys: sent again, they are answered the same."""

    def command(
        self, method: str, path: str, body: Any = None, *, who: str | None = None, **headers: str
    ) -> Answer:
        """Send a command to booking."""
        told = {"Idempotency-Key": new_key(), **_named(headers)}
        request = Request("booking", method, f"{BOOKING}{path}", who, told, body)
        answer = self.api.send(request)
        self.repeatable.append((request, answer))
        return answer

    def anna(self, method: str, path: str, body: Any = None) -> Any:
        """Let anna do something that succeeds."""
        return self.command(method, path, body, who="anna").document(200, 201, 204)

    def bo(self, method: str, path: str, body: Any = None) -> Any:
        """Let bo do something that succeeds."""
        return self.command(method, path, body, who="bo").document(200, 201, 204)

    def meeting_type(self, name: str, who: str = "anna", **wanted: Any) -> None:
        """Make a meeting type for all hours of a year."""
        body = {
            "title": name.replace("-", " ").capitalize(),
            "slug": name,
            "duration_minutes": 30,
            "visibility": "public",
            "weekly_hours": ALL_DAY,
            "min_lead_minutes": 0,
            "max_lead_minutes": YEAR_MINUTES,
            **wanted,
        }
        made = self.command("POST", "/meeting-types", body, who=who)
        self.types[name] = made.document()

    def link(self, name: str, kind: str, **wanted: Any) -> None:
        """Issue a private link."""
        path = f"/meeting-types/{self.types[kind]['id']}/links"
        self.links[name] = self.anna("POST", path, wanted)

    def reserve(
        self, name: str, kind: str, day: int, *, link: str | None = None, email: str | None = None
    ) -> Answer:
        """Hold a time so many days from now, confirmed at once for whoever has an address."""
        body: dict[str, Any] = {"meeting_type_id": self.types[kind]["id"], "start": _day(day)}
        if email:
            zone = "America/New_York"
            body["attendee"] = {"name": "Vera Visitor", "email": email, "time_zone": zone}
        token = {"X_Link_Token": self.links[link]["token"]} if link else {}
        answer = self.command("POST", "/bookings", body, **token)
        if answer.status in (201, 202):
            self.bookings[name] = answer.body
        return answer

    def book(self, name: str, kind: str, day: int, link: str | None = None) -> None:
        """Book a time as soon as it is offered."""
        self.once_offered(name, kind, day, link=link, email=f"{name}@example.test")

    def once_offered(self, name: str, kind: str, day: int, **wanted: Any) -> None:
        """Reserve a time as soon as availability has heard of what is asked for."""

        def reserved() -> bool:
            done = self.reserve(name, kind, day, **wanted).status == 201
            if not done:
                self.repeatable.pop()  # only what was wanted is kept
            return done

        until(reserved, f"the booking {name!r}")

    def change(self, name: str, verb: str, body: Any = None, **headers: str) -> Answer:
        """Change a booking by its manage token."""
        token = self.bookings[name]["manage_token"]
        path = f"/bookings/{self.bookings[name]['id']}/{verb}"
        return self.command("POST", path, body, X_Manage_Token=token, **headers)

    def status(self, name: str) -> str:
        """Return how the booking stands."""
        token = {"X-Manage-Token": self.bookings[name]["manage_token"]}
        path = f"{BOOKING}/bookings/{self.bookings[name]['id']}"
        return str(self.api.send(Request("booking", "GET", path, None, token)).body["status"])

    def switch(self, path: str, enabled: bool | None, reason: str) -> None:
        """Let the administrator allow, deny, or say nothing."""
        address = f"{POLICY}{path}"
        version = self.api.get(address, "ada", service="policy").etag
        told = {"Idempotency-Key": new_key(), "If-Match": version or ""}
        body = {"EwsEnabled": enabled, "reason": reason, "confirm": True}
        self.api.send(Request("policy", "PATCH", address, "ada", told, body)).document()

    def until_open(self, who: str, available: bool = True) -> None:
        """Wait until the organizer's page is open, or closed."""

        def as_wanted() -> bool:
            return bool(self.api.get(f"{BOOKING}/page", who).body["available"] is available)

        until(as_wanted, f"the page of {who}")


def play(story: Story) -> None:
    """Play everything."""
    _pages(story)
    _types(story)
    _links(story)
    _bookings(story)
    _administrators(story)
    story.quiet()


def play_the_end(story: Story) -> None:
    """Play what is unfinished when the stack ends: each part is missing a little earlier."""
    story.hold("inbox")
    story.book("letters-not-sent", "introduction", 31)
    story.reserve("held", "in-depth", 32, link="held-link").document(201)
    story.hold("availability")
    moved = story.change("move-pending", "reschedule", {"start": _day(33)}, **AT_ONCE)
    assert moved.status == 202, moved.body
    pending = story.reserve("verdict-pending", "introduction", 34)
    assert pending.body["verdict"] == "pending", pending.body
    story.hold("kafka")
    story.change("cancelled-unpublished", "cancel", {"reason": "Nobody has read this yet."})
    story.anna("PATCH", f"/meeting-types/{story.types['introduction']['id']}", {"title": "Hello"})
    story.anna("DELETE", f"/links/{story.links['revoked-unpublished']['id']}")
    story.anna("PUT", "/page", {**_page("anna-again", "Anna"), "locale": "da"})


def _pages(story: Story) -> None:
    for who in ("anna", "bo"):
        story.command("PUT", "/page", _page(who, who.capitalize()), who=who).document()
        story.command("POST", "/page/publish", who=who).document()
        story.until_open(who)
    story.anna("POST", "/page/renew-address", {"handle": "anna-again"})
    story.anna("POST", "/page/unpublish")
    story.anna("POST", "/page/publish")
    story.until_open("anna")


def _types(story: Story) -> None:
    phone = {"kind": "phone", "who_calls": "organizer", "number": "+45 11 22 33 44"}
    online = {
        "kind": "online",
        "provider": "jitsi",
        "url_template": "https://meet.example.test/{booking_id}",
    }
    story.meeting_type("introduction", location=phone)
    story.meeting_type("in-depth", visibility="private", duration_minutes=60, location=online)
    story.meeting_type("once-private", visibility="private")
    story.meeting_type("deleted", visibility="private")
    office = {day: [["08:00", "12:30"], ["13:00", "17:00"]] for day in DAYS}
    story.meeting_type("bos-talk", who="bo", weekly_hours=office, min_lead_minutes=120)
    changed = story.types["once-private"]["id"]
    story.anna("PATCH", f"/meeting-types/{changed}", {"visibility": "public", "title": "Open door"})
    story.anna("PATCH", f"/meeting-types/{changed}", {"duration_minutes": 45})


def _links(story: Story) -> None:
    for name in ("unused", "used", "held-link", "returned", "revoked-unpublished"):
        story.link(name, "in-depth", label=name, max_uses=1)
    story.link("three-times", "in-depth", label="three times", max_uses=3)
    story.link("any-number", "in-depth", label="any number")
    story.link("revoked", "in-depth", label="revoked", max_uses=2)
    story.link("of-a-deleted-type", "deleted", max_uses=2)
    soon = _stamp(datetime.now(UTC) + timedelta(seconds=3))
    story.link("expired", "in-depth", label="expired", max_uses=1, expires_at=soon)
    changed = {"label": "any number, renamed", "max_uses": 40}
    story.anna("PATCH", f"/links/{story.links['any-number']['id']}", changed)
    story.anna("DELETE", f"/links/{story.links['revoked']['id']}")
    path = f"{BOOKING}/links/{story.links['expired']['id']}"
    until(lambda: story.api.get(path, "anna").body["state"] == "expired", "the end of the link")


def _bookings(story: Story) -> None:
    for day, name in enumerate(
        ("confirmed", "moved", "moved-by-anna", "cancelled", "cancelled-by-anna", "move-pending"),
        10,
    ):
        story.book(name, "introduction", day)
    story.book("cancelled-unpublished", "once-private", 17)
    story.book("to-be-moved", "introduction", 18)
    story.book("by-link", "in-depth", 20, link="used")
    story.book("one-of-three", "in-depth", 21, link="three-times")
    story.book("of-a-deleted-type", "deleted", 22, link="of-a-deleted-type")
    story.quiet()
    story.change("moved", "reschedule", {"start": _day(24), "reason": "I am ill."}).document()
    _by_anna(story, "moved-by-anna", "reschedule", {"start": _day(25), "reason": "A fair."})
    story.quiet()
    story.change("moved", "reschedule", {"start": _day(26)}).document()
    story.change("cancelled", "cancel", {"reason": "I found a job."}).document()
    _by_anna(story, "cancelled-by-anna", "cancel", {"reason": "The position is filled."})
    story.quiet()
    story.reserve("timed-out", "introduction", 29).document(201)
    story.reserve("released", "introduction", 27).document()
    story.change("released", "release").document()
    story.reserve("returned", "in-depth", 28, link="returned").document()
    story.change("returned", "release").document()
    story.anna("DELETE", f"/meeting-types/{story.types['deleted']['id']}")
    until(lambda: story.status("timed-out") == "released", "the end of the hold")
    taken = story.reserve("taken", "introduction", 10, email="too-late@example.test")
    assert taken.status == 409, taken.body


def _administrators(story: Story) -> None:
    story.once_offered("bos-hold", "bos-talk", 30)
    story.switch("/organization", enabled=False, reason="an audit")
    story.until_open("anna", available=False)
    story.until_open("bo", available=False)
    story.switch("/organization", enabled=True, reason="the audit is over")
    story.until_open("anna")
    story.until_open("bo")
    story.switch("/users/bo", enabled=False, reason="on leave")
    story.until_open("bo", available=False)


def _by_anna(story: Story, name: str, verb: str, body: Any) -> None:
    story.anna("POST", f"/bookings/{story.bookings[name]['id']}/{verb}", body)


def _page(handle: str, name: str) -> dict[str, str]:
    return {
        "handle": handle,
        "display_name": name,
        "email": f"{name.lower()}@example.test",
        "time_zone": "Europe/Copenhagen",
    }


def _day(days: int) -> str:
    """Return ten o'clock UTC so many days from now."""
    day = datetime.now(UTC).replace(hour=10, minute=0, second=0, microsecond=0)
    return _stamp(day + timedelta(days=days))


def _stamp(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
