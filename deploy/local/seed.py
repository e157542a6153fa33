"""A demo organization through the public API; run again, it adds only what is missing."""

import os
import sys
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deploy.local.call import Answer, Unreachable, call
from deploy.local.people import claims
from deploy.local.sign_in import NoToken, sign_in

OFFICE_HOURS = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
PASSING = (429, 503)
PATIENCE_SECONDS = 20.0


class NotSeeded(Exception):
    """The API did not take what the demo organization is made of."""


@dataclass(frozen=True, slots=True)
class Organizer:
    """One organizer's calls to booking's API."""

    api: str
    token: str

    def get(self, path: str) -> Any:
        """Return the resource, or None when there is none."""
        answer = self._call("GET", path)
        return None if answer.status == 404 else _document(path, answer)

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """Send a command and return the answer's document."""
        return _document(path, self._call(method, path, body, {"Idempotency-Key": _new_key()}))

    def _call(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Call, again after a while when the service asks for that."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        told = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        while True:
            answer = call(method, f"{self.api}{path}", body=body, headers=told)
            if answer.status not in PASSING or time.monotonic() > deadline:
                return answer
            time.sleep(0.5)


def main() -> int:
    """Seed what the environment names, and return the exit code."""
    api = f"{os.environ['BOOKWITH_BOOKING_URL']}/api/booking/v1"
    issuer = os.environ["BOOKWITH_OIDC_ISSUER"]
    try:
        for name, title, place in (
            ("anna", "Introduction", "Meeting room 1, ground floor"),
            ("bo", "Technical interview", "Workshop, second floor"),
        ):
            organizer = Organizer(api, sign_in(issuer, name).token)
            _page(organizer, name)
            link = _private_link(organizer, _meeting_types(organizer, title, place))
            print(f"{name}'s private link: {link['url']}")
    except NoToken as error:
        # An own provider has other people; the stack is as good without a demo organization.
        print(f"not seeded: {error}")
    except (NotSeeded, Unreachable) as error:
        print(error)
        return 1
    return 0


def _page(organizer: Organizer, name: str) -> None:
    page = organizer.get("/page")
    if page is None:
        person = claims(name) or {}
        page = organizer.send(
            "PUT",
            "/page",
            {
                "handle": name,
                "display_name": person["name"],
                "email": person["email"],
                "time_zone": person["zoneinfo"],
                "locale": person["locale"],
            },
        )
        # Only with the page: who unpublishes it later finds it unpublished next time.
        organizer.send("POST", "/page/publish")
    print(f"{name}'s booking page: {page['url']}")


def _meeting_types(organizer: Organizer, title: str, place: str) -> Any:
    """Make a public and a private type, and return the private one."""
    there = {each["slug"]: each for each in organizer.get("/meeting-types")["items"]}
    in_person = {"kind": "in_person", "address": place}
    shared = {"hours": "custom", "weekly_hours": OFFICE_HOURS, "location": in_person}
    public = {"title": title, "slug": "introduction", "duration_minutes": 30}
    private = {"title": f"{title}, in depth", "slug": "in-depth", "duration_minutes": 60}
    if "introduction" not in there:
        organizer.send("POST", "/meeting-types", {**shared, **public, "visibility": "public"})
    return there.get("in-depth") or organizer.send(
        "POST", "/meeting-types", {**shared, **private, "visibility": "private"}
    )


def _private_link(organizer: Organizer, meeting_type: Any) -> Any:
    """Return a link that can still be used once."""
    links = f"/meeting-types/{meeting_type['id']}/links"
    usable = [link for link in organizer.get(links)["items"] if link["state"] == "active"]
    if usable:
        return usable[0]
    return organizer.send("POST", links, {"label": "demo", "max_uses": 1})


def _document(path: str, answer: Answer) -> Any:
    if answer.status >= 300:
        words = answer.body.decode(errors="replace")
        raise NotSeeded(f"{path} answered {answer.status}: {words}")
    return answer.json() if answer.body else {}


def _new_key() -> str:
    return uuid.uuid4().hex


if __name__ == "__main__":
    sys.exit(main())
